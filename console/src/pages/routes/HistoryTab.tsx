/** Every version of the rules: who put it in force, why, what it changed; and the way back. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Flex, Table } from "antd";
import type { ColumnsType } from "antd/es/table";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { rollbackRules, ruleHistory, type RouteSet } from "../../api/routes";
import { useRight } from "../../session";
import { QueryState } from "../../shared/QueryState";
import { type ChangedBy, ReasonDialog } from "../../shared/ReasonDialog";
import { StatusTag } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { differenceOf } from "./difference";
import { RuleDifferenceView } from "./RuleDifferenceView";
import { historyKey, rulesKey } from "./useRules";

const pageSize = 20;

export function HistoryTab({ inForce }: { readonly inForce: RouteSet }): ReactNode {
  const query = useQuery({
    // Read anew whenever another version comes into force.
    queryKey: [...historyKey, inForce.version],
    queryFn: ({ signal }) => ruleHistory(signal),
  });
  const [wanted, setWanted] = useState<RouteSet>();
  const [isOpen, setOpen] = useState(false);
  const columns = useColumns(inForce, (set) => {
    setWanted(set);
    setOpen(true);
  });
  return (
    <QueryState query={query}>
      {(history) => (
        <>
          <Table<RouteSet>
            size="small"
            rowKey="version"
            columns={columns}
            dataSource={history}
            pagination={{ pageSize, hideOnSinglePage: true }}
            scroll={{ x: "max-content" }}
            data-testid="history"
            expandable={{ expandedRowRender: (set) => <ChangeOf set={set} history={history} /> }}
          />
          <RollbackDialog wanted={wanted} inForce={inForce} open={isOpen} onClose={() => setOpen(false)} />
        </>
      )}
    </QueryState>
  );
}

/** What a version changed; the oldest one that is shown has nothing to be compared with. */
function ChangeOf({
  set,
  history,
}: {
  readonly set: RouteSet;
  readonly history: readonly RouteSet[];
}): ReactNode {
  const before = history.find(({ version }) => version === set.version - 1);
  return <RuleDifferenceView difference={differenceOf(before?.rules ?? [], set.rules)} />;
}

function useColumns(inForce: RouteSet, onRollback: (set: RouteSet) => void): ColumnsType<RouteSet> {
  const { t } = useTranslation("routes");
  const { dateTime } = useFormat();
  const mayChange = useRight("routes.change");
  return useMemo(
    () => [
      { title: t("history.version"), dataIndex: "version" },
      {
        title: t("history.when"),
        dataIndex: "activatedAtMs",
        render: (atMs?: number) => (atMs === undefined ? "" : dateTime(atMs)),
      },
      { title: t("history.who"), dataIndex: "author" },
      { title: t("history.reason"), dataIndex: "reason" },
      {
        title: t("history.rules"),
        align: "right",
        render: (_, { rules }) => rules.length,
      },
      {
        key: "action",
        render: (_, set) => {
          if (set.version === inForce.version)
            return <StatusTag tone="good">{t("history.inForce")}</StatusTag>;
          return mayChange ? (
            <Button size="small" data-testid={`rollback-${set.version}`} onClick={() => onRollback(set)}>
              {t("history.rollback")}
            </Button>
          ) : null;
        },
      },
    ],
    [t, dateTime, mayChange, inForce.version, onRollback],
  );
}

function RollbackDialog({
  wanted,
  inForce,
  open,
  onClose,
}: {
  readonly wanted: RouteSet | undefined;
  readonly inForce: RouteSet;
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("routes");
  const client = useQueryClient();
  if (wanted === undefined) return null;
  const rollback = async (by: ChangedBy): Promise<void> => {
    try {
      await rollbackRules(wanted.version, inForce.version, by);
    } finally {
      void client.invalidateQueries({ queryKey: rulesKey });
      void client.invalidateQueries({ queryKey: historyKey });
    }
  };
  return (
    <ReasonDialog
      open={open}
      title={t("history.rollbackTitle", { version: wanted.version })}
      description={
        <Flex vertical gap="small">
          <span>{t("history.rollbackText", { version: wanted.version, next: inForce.version + 1 })}</span>
          <RuleDifferenceView difference={differenceOf(inForce.rules, wanted.rules)} />
        </Flex>
      }
      confirmLabel={t("history.rollback")}
      onConfirm={rollback}
      onClose={onClose}
    />
  );
}
