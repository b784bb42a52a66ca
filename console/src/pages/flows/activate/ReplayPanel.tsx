/** The shadow replay: the last recorded runs of a flow through the definitions that are about to come into force. */
import { useQuery } from "@tanstack/react-query";
import { Flex, InputNumber, Select, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type DefinitionFile, fetchFlows, type ReplayReport, replayFiles } from "../../../api/flows";
import { EmptyState } from "../../../shared/EmptyState";
import { QueryState } from "../../../shared/QueryState";
import { StatusTag } from "../../../shared/StatusTag";
import { useFormat } from "../../../shared/useFormat";
import { flowKeys } from "../keys";
import { ReplayTable } from "./ReplayTable";

/** Runs a replay may look at. */
const countMax = 200;

export function ReplayPanel({
  files,
  changed,
}: {
  readonly files: readonly DefinitionFile[];
  /** Flows that the definitions change: the first one is played at once. */
  readonly changed: readonly string[];
}): ReactNode {
  const { t } = useTranslation("flows");
  const [flow, setFlow] = useState(changed[0] ?? "pay");
  const [count, setCount] = useState(50);
  const { data: flows = [] } = useQuery({
    queryKey: flowKeys.list,
    queryFn: ({ signal }) => fetchFlows(signal),
  });
  const replay = useQuery({
    queryKey: ["flows", "replay", files, flow, count],
    queryFn: ({ signal }) => replayFiles(files, flow, count, signal),
    staleTime: Infinity,
    retry: false,
  });
  return (
    <section data-testid="replay">
      <Typography.Title level={5}>{t("replay.title")}</Typography.Title>
      <Typography.Paragraph type="secondary">{t("replay.help")}</Typography.Paragraph>
      <Flex gap="small" wrap align="center">
        <Select
          value={flow}
          onChange={setFlow}
          options={flows.map((each) => ({
            value: each.flow,
            label: changed.includes(each.flow) ? `${each.flow} · ${t("edit.changed")}` : each.flow,
          }))}
          aria-label={t("replay.flow")}
          style={{ minWidth: 180 }}
          data-testid="replay-flow"
        />
        <InputNumber
          value={count}
          min={1}
          max={countMax}
          onChange={(value) => setCount(value ?? countMax)}
          changeOnBlur
          suffix={t("replay.runs")}
          aria-label={t("replay.count")}
        />
      </Flex>
      <QueryState query={replay}>
        {(report) => (report.ok ? <Report report={report} /> : t("difference.unsound"))}
      </QueryState>
    </section>
  );
}

function Report({ report }: { readonly report: ReplayReport }): ReactNode {
  const { t } = useTranslation("flows");
  const format = useFormat();
  const { same, differs, unknown, left, runs, elapsedMs } = report;
  if (runs.length + left === 0) return <EmptyState text={t("replay.none")} />;
  return (
    <Flex vertical gap="small">
      <Flex
        gap={4}
        wrap
        data-testid="replay-report"
        data-same={same}
        data-differs={differs}
        data-unknown={unknown}
      >
        <StatusTag tone="good">{t("replay.same", { amount: format.count(same) })}</StatusTag>
        <StatusTag tone={differs === 0 ? "off" : "attention"}>
          {t("replay.differs", { amount: format.count(differs) })}
        </StatusTag>
        <StatusTag tone={unknown === 0 ? "off" : "unknown"}>
          {t("replay.unknown", { amount: format.count(unknown) })}
        </StatusTag>
        <Typography.Text type="secondary">
          {t("replay.took", { took: format.duration(elapsedMs) })}
          {left === 0 ? "" : ` ${t("replay.left", { amount: format.count(left) })}`}
        </Typography.Text>
      </Flex>
      <ReplayTable runs={runs} />
    </Flex>
  );
}
