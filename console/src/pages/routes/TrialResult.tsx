/** What a trial found: how many orders move, from where to where, by which rule, and each of them. */
import { Alert, Flex, Switch, Table, Typography } from "antd";
import type { ColumnsType } from "antd/es/table";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TrialLine, TrialMove, TrialReport, TrialRoute } from "../../api/routes";
import { EmptyState } from "../../shared/EmptyState";
import { StatusTag } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";

const pageSize = 10;

export function TrialResult({
  report,
  isSample,
}: {
  readonly report: TrialReport;
  readonly isSample: boolean;
}): ReactNode {
  const { t } = useTranslation("routes");
  const { summary, lines } = report;
  if (summary.orders === 0) return <EmptyState text={t("result.noOrders")} />;
  const [sample] = lines;
  if (isSample && sample) return <Sample line={sample} />;
  const count = summary.moved.reduce((sum, { orders }) => sum + orders, 0);
  return (
    <Flex
      vertical
      gap="small"
      data-testid="trial-result"
      data-moved={count}
      data-unroutable={summary.unroutable}
    >
      <Typography.Text strong>
        {t("result.moved", { count, orders: summary.orders, version: report.version })}
      </Typography.Text>
      {summary.unroutable === 0 ? null : (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={t("result.unroutable", { count: summary.unroutable })}
        />
      )}
      <Moves moves={summary.moved} title={t("result.movedTable")} testId="moved" />
      <Shares channels={summary.channels} />
      <Rules rules={summary.rules} />
      <Moves moves={summary.movedSince} title={t("result.movedSince")} testId="moved-since" />
      <Lines lines={lines} />
    </Flex>
  );
}

function Sample({ line }: { readonly line: TrialLine }): ReactNode {
  const { t } = useTranslation("routes");
  return (
    <Flex vertical gap="small" data-testid="sample-result">
      <div>
        {t("result.inForce")}: <Route route={line.inForce} />
      </div>
      <div>
        {t("result.proposed")}: <Route route={line.proposed} />
      </div>
    </Flex>
  );
}

function Route({
  route: { channel, rule, redirectedFrom, missing, why },
}: {
  readonly route: TrialRoute;
}): ReactNode {
  const { t } = useTranslation("routes");
  if (channel === null)
    return (
      <>
        <StatusTag tone="bad">{t("result.none")}</StatusTag> {why}
      </>
    );
  return (
    <>
      <Typography.Text strong>{channel}</Typography.Text> {t("result.by", { rule })}
      {redirectedFrom === undefined ? "" : ` · ${t("result.redirectedFrom", { channel: redirectedFrom })}`}
      {missing ? ` · ${t("result.missing")}` : ""}
    </>
  );
}

function Moves({
  moves,
  title,
  testId,
}: {
  readonly moves: readonly TrialMove[];
  readonly title: string;
  readonly testId: string;
}): ReactNode {
  const { t } = useTranslation("routes");
  const none = t("result.none");
  if (moves.length === 0) return null;
  return (
    <Table<TrialMove>
      size="small"
      title={() => title}
      rowKey={({ from, to }) => `${from ?? ""} ${to ?? ""}`}
      dataSource={moves}
      pagination={false}
      data-testid={testId}
      columns={[
        { title: t("result.from"), render: (_, { from }) => from ?? none },
        { title: t("result.to"), render: (_, { to }) => to ?? none },
        { title: t("result.orders"), dataIndex: "orders", align: "right" },
      ]}
    />
  );
}

type Share = TrialReport["summary"]["channels"][number];

function Shares({ channels }: { readonly channels: readonly Share[] }): ReactNode {
  const { t } = useTranslation("routes");
  return (
    <Table<Share>
      size="small"
      title={() => t("result.shares")}
      rowKey={({ channel }) => channel ?? ""}
      dataSource={channels}
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={[
        { title: t("result.channel"), render: (_, { channel }) => channel ?? t("result.none") },
        { title: t("result.recorded"), dataIndex: "recorded", align: "right" },
        { title: t("result.inForce"), dataIndex: "inForce", align: "right" },
        { title: t("result.proposed"), dataIndex: "proposed", align: "right" },
      ]}
    />
  );
}

function Rules({ rules }: { readonly rules: TrialReport["summary"]["rules"] }): ReactNode {
  const { t } = useTranslation("routes");
  return (
    <Table<(typeof rules)[number]>
      size="small"
      title={() => t("result.rules")}
      rowKey="rule"
      dataSource={rules}
      pagination={false}
      columns={[
        { title: t("result.rule"), dataIndex: "rule" },
        { title: t("result.orders"), dataIndex: "orders", align: "right" },
      ]}
    />
  );
}

function Lines({ lines }: { readonly lines: readonly TrialLine[] }): ReactNode {
  const { t } = useTranslation("routes");
  const [movedOnly, setMovedOnly] = useState(true);
  const columns = useLineColumns();
  const shown = movedOnly ? lines.filter((line) => line.inForce.channel !== line.proposed.channel) : lines;
  return (
    <>
      <Flex gap="small" align="center">
        <Switch size="small" checked={movedOnly} onChange={setMovedOnly} aria-label={t("result.movedOnly")} />
        {t("result.movedOnly")}
      </Flex>
      <Table<TrialLine>
        size="small"
        rowKey="orderId"
        columns={columns}
        dataSource={shown}
        pagination={{ pageSize, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: "max-content" }}
        data-testid="trial-lines"
      />
    </>
  );
}

function useLineColumns(): ColumnsType<TrialLine> {
  const { t } = useTranslation("routes");
  const { money, dateTime } = useFormat();
  return useMemo(
    () => [
      {
        title: t("result.order"),
        render: (_, { merchantOrderId, orderId, createdAtMs }) => (
          <span title={createdAtMs === undefined ? orderId : `${orderId}, ${dateTime(createdAtMs)}`}>
            {merchantOrderId ?? orderId}
          </span>
        ),
      },
      {
        title: t("sample.amount"),
        align: "right",
        render: (_, { fields }) => money(fields.amount, fields.currency),
      },
      { title: t("result.recorded"), render: (_, { recorded }) => recorded?.channel ?? "" },
      { title: t("result.inForce"), render: (_, { inForce }) => <Route route={inForce} /> },
      { title: t("result.proposed"), render: (_, { proposed }) => <Route route={proposed} /> },
    ],
    [t, money, dateTime],
  );
}
