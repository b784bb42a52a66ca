/** The figures one looks at first. */
import { Card, Flex, Statistic, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Throughput, Tick } from "../../api/throughput";
import { useFormat } from "../../shared/useFormat";

/** What is not known is a dash, never a 0. */
const unknown = "–";

export function Tiles({
  tick,
  recent,
}: {
  readonly tick: Tick | undefined;
  /** The last minute, or what is known before the first of the stream has come. */
  readonly recent: Throughput | undefined;
}): ReactNode {
  const { t } = useTranslation("throughput");
  const format = useFormat();
  const { request } = recent?.system.latency ?? {};
  const duration = (ms: number | undefined): string => (ms === undefined ? unknown : format.duration(ms));
  const total = (value: (tick: Tick) => number): string => (tick ? format.count(value(tick)) : unknown);
  const rate = recent?.system.course.perS.at(-1);
  return (
    <Flex gap="small" wrap>
      <Tile name="rate" value={rate === undefined ? unknown : format.rate(rate)} unit={t("perSecond")} />
      <Tile name="p50" value={duration(request?.p50Ms)} />
      <Tile name="p99" value={duration(request?.p99Ms)} />
      <Tile name="inFlight" value={total(({ modules }) => added(modules, inFlightOf))} />
      <Tile name="waiting" value={total(({ queues }) => added(queues, ({ ready }) => ready))} />
      <Tile
        name="parked"
        value={total(({ parkedRuns }) => parkedRuns)}
        attention={(tick?.parkedRuns ?? 0) > 0}
      />
      <Tile
        name="dead"
        value={total(({ queues }) => added(queues, ({ dead }) => dead))}
        attention={added(tick?.queues ?? [], ({ dead }) => dead) > 0}
      />
    </Flex>
  );
}

function Tile({
  name,
  value,
  unit,
  attention = false,
}: {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  /** Waits for a person: said in words, too. */
  readonly attention?: boolean;
}): ReactNode {
  const { t } = useTranslation("throughput");
  return (
    <Tooltip title={t(`tile.${name}.help`)}>
      <Card size="small" style={{ flex: "1 1 110px" }} data-testid={`tile-${name}`}>
        <Statistic
          title={attention ? `${t(`tile.${name}.label`)} · ${t("forAPerson")}` : t(`tile.${name}.label`)}
          value={value}
          formatter={(shown) => shown}
          {...(unit === undefined ? {} : { suffix: unit })}
        />
      </Card>
    </Tooltip>
  );
}

const added = <Item,>(items: readonly Item[], value: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);

const inFlightOf = ({ state, progress }: Tick["modules"][number]): number =>
  state === "lost" ? 0 : progress.inFlight;
