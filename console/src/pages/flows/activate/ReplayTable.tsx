/** Every replayed run: what it did, what it would have done, and where the two part. */
import { Flex, Table, type TableColumnsType, Typography } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { PathStep, ReplayedRun, RunDifference } from "../../../api/flows";
import { StatusTag, type Tone } from "../../../shared/StatusTag";
import { useFormat } from "../../../shared/useFormat";

const tones: Readonly<Record<ReplayedRun["verdict"], Tone>> = {
  same: "good",
  differs: "attention",
  unknown: "unknown",
};
/** What needs a look stands first. */
const order = { differs: 0, unknown: 1, same: 2 } as const;

export function ReplayTable({ runs }: { readonly runs: readonly ReplayedRun[] }): ReactNode {
  const { t } = useTranslation("flows");
  const format = useFormat();
  const columns = useMemo<TableColumnsType<ReplayedRun>>(
    () => [
      {
        title: t("replay.run"),
        key: "run",
        width: 150,
        render: (_, { runId, type, atMs }) => (
          <Flex vertical>
            <code title={runId}>…{runId.slice(-12)}</code>
            <Typography.Text type="secondary">
              {type} {format.time(atMs)}
            </Typography.Text>
          </Flex>
        ),
      },
      {
        title: t("replay.verdict"),
        key: "verdict",
        width: 110,
        render: (_, { verdict }) => (
          <StatusTag tone={tones[verdict]}>{t(`replay.verdicts.${verdict}`)}</StatusTag>
        ),
      },
      { title: t("replay.recorded"), key: "recorded", width: 240, render: (_, { recorded }) => <Way {...recorded} /> },
      {
        title: t("replay.replayed"),
        key: "replayed",
        render: (_, run) => (
          <>
            {run.verdict === "same" ? null : <Way {...run.replayed} />}
            <Why run={run} />
          </>
        ),
      },
    ],
    [t, format],
  );
  const sorted = useMemo(() => [...runs].sort((a, b) => order[a.verdict] - order[b.verdict]), [runs]);
  return (
    <Table<ReplayedRun>
      size="small"
      rowKey="runId"
      columns={columns}
      dataSource={sorted}
      pagination={{ pageSize: 20, hideOnSinglePage: true, size: "small" }}
      scroll={{ x: 720 }}
      onRow={({ verdict }) => ({ "data-testid": `replayed-${verdict}` }) as object}
    />
  );
}

function Way({ path, end }: { readonly path: readonly PathStep[]; readonly end?: string }): ReactNode {
  return (
    <span>
      {path.map(({ stage, outcome }, index) => (
        <span key={`${index} ${stage}`}>
          {stage} <Typography.Text type="secondary">{outcome}</Typography.Text> →{" "}
        </span>
      ))}
      <strong>{end ?? "?"}</strong>
    </span>
  );
}

function Why({ run: { verdict, difference, stage, why } }: { readonly run: ReplayedRun }): ReactNode {
  const { t } = useTranslation("flows");
  if (verdict === "unknown")
    return (
      <div>
        {stage ? <strong>{stage}: </strong> : null}
        {why}
      </div>
    );
  if (!difference) return null;
  const { kind, before, after } = difference;
  return (
    <div>
      {t(`replay.kinds.${kind}`, { stage: difference.stage })}{" "}
      <Typography.Text delete>{otherThan(before, after)}</Typography.Text>{" "}
      <code>{otherThan(after, before)}</code>
    </div>
  );
}

/** The members that are not the same in the other one: `next stage:settle`. */
function otherThan(own: RunDifference["before"], other: RunDifference["before"]): string {
  return Object.entries(own)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(other[name]))
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
