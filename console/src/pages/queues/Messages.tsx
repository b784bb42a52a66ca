/** What waits in a queue, oldest first: looked at, never taken. */
import { useQuery } from "@tanstack/react-query";
import { Table } from "antd";
import type { ColumnsType } from "antd/es/table";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { browseQueue, type WaitingMessage } from "../../api/queues";
import { EmptyState } from "../../shared/EmptyState";
import { QueryState } from "../../shared/QueryState";
import { StatusTag, type Tone } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { messagesKey } from "./keys";

const pollMs = 2_000;

const tones: Readonly<Record<WaitingMessage["state"], Tone>> = {
  ready: "waiting",
  delayed: "off",
  leased: "busy",
  unsent: "busy",
  journal: "unknown",
};

export function Messages({ queue }: { readonly queue: string }): ReactNode {
  const { t } = useTranslation("queues");
  const columns = useColumns();
  const query = useQuery({
    queryKey: messagesKey(queue),
    queryFn: ({ signal }) => browseQueue(queue, signal),
    refetchInterval: pollMs,
  });
  return (
    <QueryState query={query}>
      {(messages) => (
        <Table<WaitingMessage>
          size="small"
          rowKey="messageId"
          columns={columns}
          dataSource={messages}
          pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
          scroll={{ x: "max-content" }}
          data-testid="messages"
          locale={{ emptyText: <EmptyState text={t("messages.none")} /> }}
        />
      )}
    </QueryState>
  );
}

function useColumns(): ColumnsType<WaitingMessage> {
  const { t } = useTranslation("queues");
  const { dateTime } = useFormat();
  return useMemo(
    () => [
      {
        title: t("messages.state"),
        dataIndex: "state",
        render: (state: WaitingMessage["state"]) => (
          <StatusTag tone={tones[state]}>{t(`messages.${state}`)}</StatusTag>
        ),
      },
      { title: t("messages.at"), dataIndex: "atMs", render: (atMs: number) => dateTime(atMs) },
      { title: t("messages.stage"), dataIndex: "stage" },
      { title: t("messages.deliveries"), dataIndex: "deliveries", align: "right" },
      { title: t("messages.run"), dataIndex: "runId", render: (id?: string) => <code>{id}</code> },
      { title: t("messages.message"), dataIndex: "messageId", render: (id: string) => <code>{id}</code> },
    ],
    [t, dateTime],
  );
}
