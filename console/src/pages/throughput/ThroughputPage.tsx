/** How much passes, how fast, how it ends and what holds it up: the page that stands open all day. */
import { Flex, Segmented } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Tick } from "../../api/throughput";
import { StaleFrame, useLive } from "../../live";
import { PageHeader } from "../../shared/PageHeader";
import { QueryState } from "../../shared/QueryState";
import { useFormat } from "../../shared/useFormat";
import { BottleneckLine } from "./BottleneckLine";
import { Charts } from "./Charts";
import { GroupTable } from "./GroupTable";
import { SickModules } from "./SickModules";
import { Tiles } from "./Tiles";
import { spans, useChoice, useHistory, useLastMinute } from "./useThroughput";

export function ThroughputPage(): ReactNode {
  const { t } = useTranslation("throughput");
  const { minutes, group, choose } = useChoice();
  const history = useHistory(minutes);
  const lastMinute = useLastMinute();
  const { data: tick } = useLive<Tick>("tick");
  return (
    <>
      <PageHeader
        title={t("title")}
        subtitle={
          history.data ? <SpanText fromMs={history.data.fromMs} toMs={history.data.toMs} /> : undefined
        }
        actions={
          <Segmented
            aria-label={t("span.label")}
            value={minutes}
            options={spans.map((span) => ({ value: span, label: t(`span.${span}`) }))}
            onChange={(span) => choose({ minutes: span })}
            data-testid="span"
          />
        }
      />
      <Flex vertical gap="small">
        <StaleFrame>
          <Flex vertical gap="small">
            {tick ? <SickModules modules={tick.modules} /> : null}
            <Tiles tick={tick} recent={lastMinute ?? history.data} />
            {tick ? <BottleneckLine bottleneck={tick.bottleneck} /> : null}
          </Flex>
        </StaleFrame>
        <QueryState query={history}>
          {(throughput) => (
            <Flex vertical gap="small">
              <Charts throughput={throughput} />
              <GroupTable
                throughput={throughput}
                tick={tick}
                group={group}
                onGroup={(chosen) => choose({ group: chosen })}
              />
            </Flex>
          )}
        </QueryState>
      </Flex>
    </>
  );
}

function SpanText({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): ReactNode {
  const { t } = useTranslation("throughput");
  const { time } = useFormat();
  return <span data-testid="shown-span">{t("span.shown", { from: time(fromMs), to: time(toMs) })}</span>;
}
