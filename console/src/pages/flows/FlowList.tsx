/** Every flow in force: its types, since when and by whom, and how many runs it begins a minute. */
import { EditOutlined, HistoryOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Flex, Table, type TableColumnsType, Tag, Typography } from "antd";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { fetchDefinitions, fetchFlows, fetchRates, type FlowState } from "../../api/flows";
import { Can } from "../../session";
import { EmptyState } from "../../shared/EmptyState";
import { PageHeader } from "../../shared/PageHeader";
import { QueryState } from "../../shared/QueryState";
import { useFormat } from "../../shared/useFormat";
import { flowKeys, refreshMs } from "./keys";
import { NewTypeDialog } from "./NewTypeDialog";

export function FlowList(): ReactNode {
  const { t } = useTranslation("flows");
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const flows = useQuery({ queryKey: flowKeys.list, queryFn: ({ signal }) => fetchFlows(signal) });
  return (
    <>
      <PageHeader
        title={t("title")}
        subtitle={<InForce />}
        actions={
          <>
            <Button
              icon={<HistoryOutlined />}
              onClick={() => void navigate("history")}
              data-testid="to-history"
            >
              {t("history.title")}
            </Button>
            <Can
              right="flows.change"
              instead={
                <Button onClick={() => void navigate("edit")} data-testid="to-editor">
                  {t("edit.read")}
                </Button>
              }
            >
              <Button icon={<EditOutlined />} onClick={() => void navigate("edit")} data-testid="to-editor">
                {t("edit.title")}
              </Button>
              <Button
                type="primary"
                icon={<PlusOutlined />}
                onClick={() => setAdding(true)}
                data-testid="new-type"
              >
                {t("newType.title")}
              </Button>
            </Can>
          </>
        }
      />
      <QueryState query={flows}>{(list) => <FlowTable flows={[...list].sort((a, b) => (a.flow < b.flow ? -1 : 1))} />}</QueryState>
      <NewTypeDialog open={adding} onClose={() => setAdding(false)} />
    </>
  );
}

function InForce(): ReactNode {
  const { t } = useTranslation("flows");
  const format = useFormat();
  const { data } = useQuery({
    queryKey: flowKeys.definitions,
    queryFn: ({ signal }) => fetchDefinitions(signal),
    refetchInterval: refreshMs * 5,
  });
  if (!data || data.version === 0) return null;
  const at = format.dateTime(data.activatedAtMs ?? 0);
  return (
    <span data-testid="in-force" data-version={data.version}>
      {t("inForce", { version: data.version, author: data.author, at })}
    </span>
  );
}

function FlowTable({ flows }: { readonly flows: readonly FlowState[] }): ReactNode {
  const { t } = useTranslation("flows");
  const format = useFormat();
  const { data: rates = {} } = useQuery({
    queryKey: flowKeys.rates,
    queryFn: ({ signal }) => fetchRates(signal),
    refetchInterval: refreshMs,
  });
  const columns = useMemo<TableColumnsType<FlowState>>(
    () => [
      {
        title: t("list.flow"),
        key: "flow",
        render: (_, { flow, title }) => (
          <Flex vertical>
            <Link to={`flow/${encodeURIComponent(flow)}`} data-testid={`flow-${flow}`}>
              {flow}
            </Link>
            <Typography.Text type="secondary">{title}</Typography.Text>
          </Flex>
        ),
      },
      {
        title: t("list.types"),
        key: "types",
        render: (_, { types }) =>
          types.length === 0 ? (
            <Typography.Text type="secondary">{t("list.byEvent")}</Typography.Text>
          ) : (
            <Flex wrap gap={4}>
              {types.map((type) => (
                <Tag key={type}>{type}</Tag>
              ))}
            </Flex>
          ),
      },
      {
        title: t("list.rate"),
        key: "rate",
        align: "right",
        render: (_, { flow }) => <span data-testid={`rate-${flow}`}>{format.rate(rates[flow] ?? 0)}</span>,
      },
      {
        title: t("list.since"),
        key: "since",
        render: (_, { sinceVersion, sinceMs }) => (
          <>
            {t("version", { version: sinceVersion })}
            <br />
            <Typography.Text type="secondary">{format.dateTime(sinceMs)}</Typography.Text>
          </>
        ),
      },
      { title: t("list.author"), dataIndex: "author", key: "author" },
    ],
    [t, format, rates],
  );
  return (
    <Table<FlowState>
      rowKey="flow"
      size="small"
      columns={columns}
      dataSource={[...flows]}
      pagination={false}
      scroll={{ x: 640 }}
      locale={{ emptyText: <EmptyState text={t("list.none")} /> }}
    />
  );
}
