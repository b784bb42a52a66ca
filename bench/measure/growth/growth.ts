/** Cost as tables grow: throughput with settled orders in place against an empty database, alternately in one run. */
import { valence } from "../../contestants/valence.js";
import { type LoadSettings, measureOn, type Measurement, measureServer } from "../../measurement.js";
import { growth, type GrowthFigures, type GrowthSide } from "../../report/sections/growth.js";
import { figure } from "../../report/table.js";
import { defineMeasure } from "../measure.js";
import { filledFlags, type FilledSettings, withFilled } from "./database.js";
import { readTables, scannedBetween } from "./tables.js";

type Say = (text: string) => void;

interface Settings extends FilledSettings {
  readonly rounds: number;
  readonly seconds: number;
  readonly "warm-up": number;
  readonly "in-flight": number;
}

/** A table of fewer rows is read whole by right: that is cheaper than its index. */
const largeRowsMin = 10_000;

const sideOf = ({ paymentsPerSecond, p50Ms, p99Ms, halfLoad, processorMs }: Measurement): GrowthSide => ({
  ...{ paymentsPerSecond, p50Ms, p99Ms },
  halfLoadP99Ms: halfLoad?.p99Ms ?? Number.NaN,
  postgresMs: processorMs["postgres"] ?? Number.NaN,
});

const told = (name: string, { paymentsPerSecond, p99Ms }: Measurement): string =>
  `  ${name}: ${figure(paymentsPerSecond)} payments/s, p99 ${figure(p99Ms, 1)} ms`;

async function compare(databaseUrl: string, settings: Settings, say: Say): Promise<GrowthFigures> {
  const before = await readTables(databaseUrl);
  for (const { name, rows, bytes } of before)
    if (rows >= largeRowsMin) say(`  ${name}: ${figure(rows)} rows, ${figure(bytes / 2 ** 20)} MiB`);
  const load: LoadSettings = {
    inFlight: settings["in-flight"],
    ...{ seconds: settings.seconds, warmUpSeconds: settings["warm-up"], halfLoadSeconds: settings.seconds },
    nodeArgs: [],
  };
  const measured = {
    empty: () => measureServer(valence(undefined), load),
    full: () => measureOn(databaseUrl, valence(undefined), load),
  };
  const rounds: GrowthFigures["rounds"][number][] = [];
  const failures: string[] = [];
  for (let number = 1; number <= settings.rounds; number += 1) {
    say(`round ${number} of ${settings.rounds}`);
    const sides: Partial<Record<keyof typeof measured, GrowthSide>> = {};
    // Every second round in the opposite order: who comes after whom must not matter.
    for (const side of number % 2 === 1 ? (["empty", "full"] as const) : (["full", "empty"] as const)) {
      const measurement = await measured[side]();
      say(told(side, measurement));
      sides[side] = sideOf(measurement);
      failures.push(...measurement.failures);
    }
    if (sides.empty && sides.full) rounds.push({ empty: sides.empty, full: sides.full });
  }
  return {
    orders: before.find(({ name }) => name === "core.orders")?.rows ?? 0,
    databaseBytes: before.reduce((sum, { bytes }) => sum + bytes, 0),
    tables: before.flatMap(({ name, rows, bytes }) => (rows >= largeRowsMin ? [{ name, rows, bytes }] : [])),
    rounds,
    scanned: scannedBetween(before, await readTables(databaseUrl), largeRowsMin),
    failures,
  };
}

const measure = (settings: Settings, say: Say): Promise<GrowthFigures> =>
  withFilled(settings, say, (url) => compare(url, settings, say));

export const growthMeasure = defineMeasure({
  section: growth,
  flags: {
    rounds: { preset: 3, help: "of both, alternately" },
    seconds: { preset: 10, help: "of one measurement, and at half of its load" },
    "warm-up": { preset: 10, help: "seconds before it" },
    "in-flight": { preset: 64, help: "orders in flight" },
    ...filledFlags,
  },
  measure,
});
