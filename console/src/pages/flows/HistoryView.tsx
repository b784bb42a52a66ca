/** Who changed what, when and why; and the way back. */
import { RollbackOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Flex, Table, type TableColumnsType, Tag } from "antd";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { compareFiles, fetchHistory, fetchVersion, rollBackTo, type VersionLine } from "../../api/flows";
import { Can } from "../../session";
import { PageHeader } from "../../shared/PageHeader";
import { QueryState } from "../../shared/QueryState";
import { type ChangedBy, ReasonDialog } from "../../shared/ReasonDialog";
import { useFormat } from "../../shared/useFormat";
import { DifferenceView } from "./activate/DifferenceView";
import { flowKeys } from "./keys";

export function HistoryView(): ReactNode {
  const { t } = useTranslation("flows");
  const history = useQuery({
    queryKey: flowKeys.history,
    queryFn: ({ signal }) => fetchHistory(signal),
    refetchInterval: 5_000,
  });
  return (
    <>
      <PageHeader title={t("history.pageTitle")} actions={<Link to="/flows">{t("toList")}</Link>} />
      <QueryState query={history}>{(lines) => <HistoryTable lines={lines} />}</QueryState>
    </>
  );
}

function HistoryTable({ lines }: { readonly lines: readonly VersionLine[] }): ReactNode {
  const { t } = useTranslation("flows");
  const format = useFormat();
  const [back, setBack] = useState<number>();
  const current = lines[0]?.version ?? 0;
  const columns = useMemo<TableColumnsType<VersionLine>>(
    () => [
      { title: t("history.version"), dataIndex: "version", width: 80 },
      { title: t("history.at"), key: "at", render: (_, { atMs }) => format.dateTime(atMs) },
      { title: t("history.author"), dataIndex: "author" },
      { title: t("history.reason"), dataIndex: "reason" },
      {
        title: t("history.changed"),
        key: "changed",
        render: (_, { changed }) => (
          <Flex wrap gap={4}>
            {changed.length === 0
              ? t("history.nothing")
              : changed.map((each) => <Tag key={each}>{each}</Tag>)}
          </Flex>
        ),
      },
      {
        key: "back",
        render: (_, { version }) =>
          version === current ? (
            <Tag color="success">{t("history.inForce")}</Tag>
          ) : (
            <Can right="flows.change">
              <Button
                size="small"
                icon={<RollbackOutlined />}
                onClick={() => setBack(version)}
                data-testid={`back-to-${version}`}
              >
                {t("history.back")}
              </Button>
            </Can>
          ),
      },
    ],
    [t, format, current],
  );
  return (
    <>
      <Table<VersionLine>
        size="small"
        rowKey="version"
        columns={columns}
        dataSource={[...lines]}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        scroll={{ x: 820 }}
        onRow={({ version }) => ({ "data-testid": `version-${version}` }) as object}
      />
      <RollBack version={back} current={current} onClose={() => setBack(undefined)} />
    </>
  );
}

function RollBack({
  version,
  current,
  onClose,
}: {
  readonly version: number | undefined;
  readonly current: number;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("flows");
  const { message } = App.useApp();
  const queries = useQueryClient();
  const change = useCallback(
    async (by: ChangedBy) => {
      if (version === undefined) return;
      const applied = await rollBackTo(version, current, by);
      void message.success(t("review.applied", { version: applied.version }));
      await queries.invalidateQueries({ queryKey: flowKeys.all });
    },
    [version, current, message, queries, t],
  );
  return (
    <ReasonDialog
      open={version !== undefined}
      title={t("history.backTitle", { version })}
      description={version === undefined ? null : <WhatChanges version={version} />}
      confirmLabel={t("history.back")}
      danger
      onConfirm={change}
      onClose={onClose}
    />
  );
}

function WhatChanges({ version }: { readonly version: number }): ReactNode {
  const compared = useQuery({
    queryKey: ["flows", "back", version],
    queryFn: async ({ signal }) => compareFiles((await fetchVersion(version, signal)).files, signal),
  });
  const { t } = useTranslation("flows");
  return (
    <QueryState query={compared}>
      {(difference) => (difference.ok ? <DifferenceView difference={difference} /> : t("difference.unsound"))}
    </QueryState>
  );
}
