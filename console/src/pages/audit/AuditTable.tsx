import { Descriptions, Flex, Table, type TableColumnsType, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEntry } from "../../api/audit";
import { EmptyState } from "../../shared/EmptyState";
import { JsonView } from "../../shared/JsonView";
import { useFormat } from "../../shared/useFormat";

/** A line each; opened, it shows what was there before and after. */
export function AuditTable({
  entries,
  loading,
}: {
  readonly entries: readonly AuditEntry[];
  readonly loading: boolean;
}): ReactNode {
  const { t } = useTranslation("audit");
  const { dateTime } = useFormat();
  const columns: TableColumnsType<AuditEntry> = [
    { title: t("seq"), key: "seq", width: 72, align: "right", render: (_, { seq }) => seq },
    { title: t("at"), key: "at", width: 180, render: (_, { atMs }) => dateTime(atMs) },
    { title: t("who"), key: "who", width: 130, render: (_, { who }) => who },
    { title: t("action"), key: "action", width: 170, render: (_, { action }) => <code>{action}</code> },
    { title: t("subject"), key: "subject", width: 210, ellipsis: true, render: (_, { subject }) => subject },
    {
      title: t("reason"),
      key: "reason",
      render: (_, { reason }) => (
        <Typography.Text ellipsis={{ tooltip: reason }} style={{ maxWidth: "100%" }}>
          {reason}
        </Typography.Text>
      ),
    },
  ];
  return (
    <Table<AuditEntry>
      columns={columns}
      dataSource={[...entries]}
      rowKey="seq"
      size="small"
      loading={loading}
      pagination={false}
      // Fixed: what a line shows when it is opened must not make the table wider.
      tableLayout="fixed"
      scroll={{ x: 980 }}
      locale={{ emptyText: <EmptyState text={t("empty")} /> }}
      expandable={{ expandedRowRender: (entry) => <Details entry={entry} /> }}
      data-testid="audit-table"
    />
  );
}

function Details({ entry }: { readonly entry: AuditEntry }): ReactNode {
  const { t } = useTranslation("audit");
  return (
    <Flex vertical gap="small" data-testid={`audit-details-${entry.seq}`}>
      <Descriptions
        size="small"
        column={1}
        items={[
          { key: "reason", label: t("reason"), children: entry.reason },
          {
            key: "hash",
            label: t("hash"),
            children: <code style={{ wordBreak: "break-all" }}>{entry.hash}</code>,
          },
        ]}
      />
      <Flex wrap gap="middle">
        {(["before", "after"] as const).map((side) => (
          <div key={side} style={{ flex: "1 1 280px", minWidth: 0 }}>
            <Typography.Text type="secondary">{t(side)}</Typography.Text>
            {entry[side] === null ? (
              <div>{t("nothing")}</div>
            ) : (
              <JsonView value={entry[side]} label={t(side)} />
            )}
          </div>
        ))}
      </Flex>
    </Flex>
  );
}
