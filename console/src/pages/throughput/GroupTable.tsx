/** The same figures for each module, queue, transaction type or channel. */
import { Card, Segmented, Table } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Group, groups, type Throughput, type Tick, type View } from "../../api/throughput";
import { EmptyState } from "../../shared/EmptyState";
import { useColumns } from "./columns";
import { ModuleInstances } from "./ModuleInstances";

export interface GroupTableProps {
  readonly throughput: Throughput;
  readonly tick: Tick | undefined;
  readonly group: Group;
  readonly onGroup: (group: Group) => void;
}

/** What has nothing recorded and is there all the same (a module that is idle, say) is a row, too. */
function rowsOf(throughput: Throughput, tick: Tick | undefined, group: Group): readonly View[] {
  const views = throughput[group];
  const present: Readonly<Record<Group, readonly string[]>> = {
    modules: tick?.modules.map(({ module }) => module) ?? [],
    queues: tick?.queues.map(({ queue }) => queue) ?? [],
    channels: tick?.channels.map(({ channel }) => channel) ?? [],
    types: [],
  };
  const missing = new Set(present[group].filter((name) => !views.some((view) => view.name === name)));
  const windows = throughput.system.course.perS.length;
  return [...views, ...[...missing].sort().map((name) => idle(name, windows))];
}

const idle = (name: string, windows: number): View => ({
  ...{ name, count: 0, perS: 0, outcomes: {}, latency: {}, parked: 0, deadLetters: 0 },
  course: { perS: new Array<number>(windows).fill(0), outcomes: {}, meanMs: {}, depth: [], inFlight: [] },
});

export function GroupTable({ throughput, tick, group, onGroup }: GroupTableProps): ReactNode {
  const { t } = useTranslation("throughput");
  const rows = useMemo(() => rowsOf(throughput, tick, group), [throughput, tick, group]);
  const columns = useColumns(group, tick);
  return (
    <Card
      size="small"
      title={
        <Segmented
          aria-label={t("by.label")}
          value={group}
          options={groups.map((name) => ({ value: name, label: t(`by.${name}`) }))}
          onChange={onGroup}
          data-testid="group"
        />
      }
    >
      <Table<View>
        size="small"
        rowKey="name"
        columns={columns}
        dataSource={rows}
        pagination={false}
        scroll={{ x: "max-content" }}
        data-testid={`table-${group}`}
        locale={{ emptyText: <EmptyState text={t("nothingHappened")} /> }}
        {...(group === "modules" && tick
          ? {
              expandable: {
                expandedRowRender: ({ name }) => <ModuleInstances modules={tick.modules} name={name} />,
              },
            }
          : {})}
      />
    </Card>
  );
}
