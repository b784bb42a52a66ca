/** What a set of definitions changes, flow by flow and type by type. */
import { Flex, Table, type TableColumnsType, Tag, Typography } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Change, ChangeWord, Compared, FlowDifference, TypeDifference } from "../../../api/flows";
import { EmptyState } from "../../../shared/EmptyState";

type Difference = Extract<Compared, { readonly ok: true }>;

export function DifferenceView({
  difference: { flows, types },
}: {
  readonly difference: Difference;
}): ReactNode {
  const { t } = useTranslation("flows");
  if (flows.length === 0 && types.length === 0) return <EmptyState text={t("difference.none")} />;
  return (
    <Flex vertical gap="small" data-testid="difference">
      {types.map((type) => (
        <TypeChange key={type.type} difference={type} />
      ))}
      {flows.map((flow) => (
        <FlowChange key={flow.flow} difference={flow} />
      ))}
    </Flex>
  );
}

const colors = { added: "success", removed: "error", changed: "processing" } as const;
const signs = { added: "+", removed: "−", changed: "~" } as const;

/** Told by sign and word; the colour only helps. */
function ChangeTag({ change }: { readonly change: ChangeWord }): ReactNode {
  const { t } = useTranslation("flows");
  return (
    <Tag color={colors[change]}>
      {signs[change]} {t(`difference.${change}`)}
    </Tag>
  );
}

function TypeChange({
  difference: { type, change, before, after },
}: {
  readonly difference: TypeDifference;
}): ReactNode {
  const { t } = useTranslation("flows");
  return (
    <div data-testid={`difference-type-${type}`} data-change={change}>
      <ChangeTag change={change} /> {t("difference.type")} <strong>{type}</strong>{" "}
      {before ? <Typography.Text delete>{JSON.stringify(before)}</Typography.Text> : null}{" "}
      {after ? <code>{JSON.stringify(after)}</code> : null}
    </div>
  );
}

function FlowChange({
  difference: { flow, change, changes },
}: {
  readonly difference: FlowDifference;
}): ReactNode {
  const { t } = useTranslation("flows");
  const columns = useMemo<TableColumnsType<Change>>(
    () => [
      { title: t("difference.stage"), dataIndex: "stage", width: 110 },
      {
        title: t("difference.what"),
        key: "what",
        width: 210,
        render: (_, row) => (
          <>
            <ChangeTag change={row.change} /> {t(`difference.of.${row.what}`, row.what)}{" "}
            {row.name === row.what ? null : row.name}
          </>
        ),
      },
      { title: t("difference.before"), dataIndex: "before", render: code },
      { title: t("difference.after"), dataIndex: "after", render: code },
    ],
    [t],
  );
  return (
    <section data-testid={`difference-flow-${flow}`} data-change={change}>
      <ChangeTag change={change} /> {t("difference.flow")} <strong>{flow}</strong>
      {changes.length === 0 ? null : (
        <Table<Change>
          size="small"
          pagination={false}
          columns={columns}
          dataSource={[...changes]}
          rowKey={({ what, stage = "", name, change: word }) => `${what} ${stage} ${name} ${word}`}
          scroll={{ x: 640 }}
        />
      )}
    </section>
  );
}

const code = (text: string | undefined): ReactNode => (text === undefined ? null : <code>{text}</code>);
