/** The modules that front a channel, one line each: a breaker that tripped in one of them hides in the whole. */
import { Collapse, Table, Typography } from "antd";
import type { ColumnsType } from "antd/es/table";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelInstance } from "../../api/channels";
import { StatusTag } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { breakerTones } from "./tones";

/** A module that beats once a second and has not for this long may be gone. */
const silentMs = 5_000;
/** Of a UUID: enough to tell modules apart. */
const shortChars = 8;

export function ChannelInstances({
  instances,
}: {
  readonly instances: readonly ChannelInstance[];
}): ReactNode {
  const { t } = useTranslation("channels");
  const columns = useColumns();
  const tripped = instances.filter(({ breaker }) => breaker !== "closed").length;
  if (instances.length === 0) return null;
  const label = t("instances.title", { count: instances.length });
  return (
    <Collapse
      size="small"
      ghost
      items={[
        {
          key: "instances",
          label: tripped === 0 ? label : `${label} · ${t("instances.tripped", { count: tripped })}`,
          children: (
            <Table<ChannelInstance>
              size="small"
              rowKey="instance"
              columns={columns}
              dataSource={instances}
              pagination={false}
              scroll={{ x: "max-content" }}
            />
          ),
        },
      ]}
    />
  );
}

function useColumns(): ColumnsType<ChannelInstance> {
  const { t } = useTranslation("channels");
  const format = useFormat();
  return useMemo(
    () => [
      {
        title: t("instances.module"),
        dataIndex: "instance",
        render: (instance: string) => <code title={instance}>{instance.slice(-shortChars)}</code>,
      },
      {
        title: t("instances.breaker"),
        dataIndex: "breaker",
        render: (breaker: ChannelInstance["breaker"]) => (
          <StatusTag tone={breakerTones[breaker]}>{t(`breaker.${breaker}`)}</StatusTag>
        ),
      },
      { title: t("figures.inFlight"), dataIndex: "inFlight", align: "right", render: format.count },
      {
        title: t("figures.success"),
        align: "right",
        render: (_, { calls, successRatio }) =>
          calls === 0 ? t("figures.none") : format.percent(successRatio),
      },
      {
        title: t("figures.latency"),
        align: "right",
        render: (_, { calls, p50Ms, p95Ms }) =>
          calls === 0 ? t("figures.none") : `${format.duration(p50Ms)} / ${format.duration(p95Ms)}`,
      },
      {
        title: t("instances.beat"),
        dataIndex: "beatAgoMs",
        align: "right",
        render: (agoMs: number) => (
          <Typography.Text type={agoMs > silentMs ? "warning" : "secondary"}>
            {t("instances.ago", { time: format.duration(agoMs) })}
          </Typography.Text>
        ),
      },
    ],
    [t, format],
  );
}
