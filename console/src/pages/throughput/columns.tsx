/** The columns of the table of figures. */
import type { TableColumnsType } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Group, Part, Tick, View } from "../../api/throughput";
import { useFormat } from "../../shared/useFormat";
import { LatencyCell, LatencyTitle, OutcomesCell } from "./cells";
import { Sparkline } from "./Sparkline";
import { stateOf } from "./states";

type Column = TableColumnsType<View>[number];

/** A part that a group cannot have is no column of dashes. */
const partsOf: Readonly<Record<Group, readonly Part[]>> = {
  modules: ["request", "queueWait", "atoms", "commit", "channel"],
  queues: ["queueWait", "atoms", "commit"],
  types: ["queueWait", "atoms", "commit"],
  channels: ["queueWait", "atoms", "commit", "channel"],
};

export function useColumns(group: Group, tick: Tick | undefined): TableColumnsType<View> {
  const { t } = useTranslation("throughput");
  const figures = useFigures();
  return useMemo(() => {
    const name: Column = {
      title: t("name"),
      dataIndex: "name",
      fixed: "left",
      render: (text: string) => <strong data-testid={`row-${text}`}>{text}</strong>,
    };
    const state: Column = {
      title: t("state"),
      key: "state",
      render: (view: View) => stateOf(group, view.name, tick, t),
    };
    return [name, ...(group === "types" ? [] : [state]), ...figures, ...partsOf[group].map(latencyColumn)];
  }, [group, tick, t, figures]);
}

/** How much, and how it ended. */
function useFigures(): readonly Column[] {
  const { t } = useTranslation("throughput");
  const { rate, count } = useFormat();
  return useMemo(
    () => [
      {
        title: t("rate"),
        key: "rate",
        align: "end",
        sorter: (a, b) => a.perS - b.perS,
        render: ({ perS }: View) => rate(perS),
      },
      {
        title: t("count"),
        dataIndex: "count",
        align: "end",
        render: (value: number, { name }) => (
          <span data-testid={`count-${name}`} data-count={value}>
            {count(value)}
          </span>
        ),
      },
      {
        title: t("course"),
        key: "course",
        render: ({ name, course }: View) => (
          <Sparkline values={course.perS} label={t("courseOf", { name })} />
        ),
      },
      {
        title: t("outcomes"),
        key: "outcomes",
        render: ({ outcomes }: View) => <OutcomesCell outcomes={outcomes} />,
      },
    ],
    [t, rate, count],
  );
}

const latencyColumn = (part: Part): Column => ({
  title: <LatencyTitle part={part} />,
  key: part,
  align: "end",
  sorter: (a, b) => (a.latency[part]?.meanMs ?? 0) - (b.latency[part]?.meanMs ?? 0),
  render: ({ latency }: View) => <LatencyCell latency={latency[part]} />,
});
