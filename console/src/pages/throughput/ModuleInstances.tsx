import { Table, type TableColumnsType } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ModuleInstance } from "../../api/throughput";
import { StatusTag } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { moduleTones } from "./states";

/** Every process of one module, as its last beat told. */
export function ModuleInstances({
  modules,
  name,
}: {
  readonly modules: readonly ModuleInstance[];
  readonly name: string;
}): ReactNode {
  const { t } = useTranslation("throughput");
  const { rate, duration, relativeTime, count } = useFormat();
  const columns = useMemo<TableColumnsType<ModuleInstance>>(
    () => [
      {
        title: t("state"),
        key: "state",
        render: ({ state }: ModuleInstance) => (
          <StatusTag tone={moduleTones[state]}>{t(`module.${state}`)}</StatusTag>
        ),
      },
      {
        title: t("instance.process"),
        key: "process",
        render: ({ host, pid }: ModuleInstance) => `${host} · ${pid}`,
      },
      { title: t("instance.version"), dataIndex: "version" },
      {
        title: t("instance.started"),
        dataIndex: "startedAtMs",
        render: (atMs: number) => relativeTime(atMs),
      },
      {
        title: t("rate"),
        key: "rate",
        align: "end",
        render: ({ progress }: ModuleInstance) => rate(progress.consumedPerS),
      },
      {
        title: t("inFlight"),
        key: "inFlight",
        align: "end",
        render: ({ progress }: ModuleInstance) => count(progress.inFlight),
      },
      {
        title: t("instance.loopDelay"),
        key: "loop",
        align: "end",
        render: ({ progress }: ModuleInstance) => duration(progress.loopDelayMs),
      },
      {
        title: t("instance.paused"),
        dataIndex: "paused",
        render: (queues: readonly string[]) => queues.join(", ") || "–",
      },
      { title: t("instance.why"), dataIndex: "why", render: (why: string) => why || "–" },
    ],
    [t, rate, duration, relativeTime, count],
  );
  return (
    <Table<ModuleInstance>
      size="small"
      rowKey="instance"
      columns={columns}
      dataSource={modules.filter(({ module }) => module === name)}
      pagination={false}
      scroll={{ x: "max-content" }}
      data-testid={`instances-${name}`}
    />
  );
}
