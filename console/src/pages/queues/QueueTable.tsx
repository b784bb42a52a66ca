/** The queues, one line each; what stands still or died stands out by word and icon, not by colour alone. */
import { Button, Flex, Table } from "antd";
import type { ColumnsType } from "antd/es/table";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Queue, QueueServer } from "../../api/queues";
import { EmptyState } from "../../shared/EmptyState";
import { StatusTag, type Tone } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";

/** A ready message is taken within milliseconds; one that waits for so long tells of something. */
const oldMs = 10_000;

const serverTones: Readonly<Record<QueueServer["state"], Tone>> = {
  live: "good",
  idle: "good",
  stuck: "bad",
  lost: "bad",
};

export function QueueTable({
  queues,
  onOpen,
}: {
  readonly queues: readonly Queue[];
  readonly onOpen: (queue: string) => void;
}): ReactNode {
  const { t } = useTranslation("queues");
  const columns = useColumns(onOpen);
  return (
    <Table<Queue>
      size="small"
      rowKey="queue"
      columns={columns}
      dataSource={queues}
      pagination={false}
      scroll={{ x: "max-content" }}
      data-testid="queues"
      locale={{ emptyText: <EmptyState text={t("none")} /> }}
    />
  );
}

function useColumns(onOpen: (queue: string) => void): ColumnsType<Queue> {
  const { t } = useTranslation("queues");
  const { count, duration } = useFormat();
  return useMemo(() => {
    const number = (name: "ready" | "delayed" | "leased") => ({
      title: t(`column.${name}`),
      dataIndex: name,
      align: "right" as const,
      sorter: (a: Queue, b: Queue) => a[name] - b[name],
      render: (value: number) => count(value),
    });
    return [
      {
        title: t("column.queue"),
        dataIndex: "queue",
        fixed: "left",
        render: (queue: string) => (
          <Button type="link" size="small" data-testid={`open-${queue}`} onClick={() => onOpen(queue)}>
            {queue}
          </Button>
        ),
      },
      number("ready"),
      {
        title: t("column.oldest"),
        align: "right",
        sorter: (a, b) => a.oldestMs - b.oldestMs,
        render: (_, { ready, oldestMs }) => {
          if (ready === 0) return "–";
          const age = duration(oldestMs);
          return oldestMs > oldMs ? <StatusTag tone="attention">{age}</StatusTag> : age;
        },
      },
      number("leased"),
      number("delayed"),
      {
        title: t("column.dead"),
        dataIndex: "dead",
        align: "right",
        sorter: (a, b) => a.dead - b.dead,
        render: (dead: number) =>
          dead === 0 ? (
            "0"
          ) : (
            <StatusTag tone="bad" testId="dead-count">
              {count(dead)}
            </StatusTag>
          ),
      },
      { title: t("column.servedBy"), render: (_, { servedBy }) => <Servers servers={servedBy} /> },
    ];
  }, [t, count, duration, onOpen]);
}

function Servers({ servers }: { readonly servers: readonly QueueServer[] }): ReactNode {
  const { t } = useTranslation("queues");
  if (servers.length === 0) return <StatusTag tone="attention">{t("served.nobody")}</StatusTag>;
  return (
    <Flex gap={4} wrap>
      {servers.map(({ module, instance, host, state, paused }) => (
        <span key={`${module} ${instance}`} title={`${host} ${instance}`}>
          <StatusTag tone={paused ? "off" : serverTones[state]}>
            {module} {paused ? t("served.paused") : t(`served.${state}`)}
          </StatusTag>
        </span>
      ))}
    </Flex>
  );
}
