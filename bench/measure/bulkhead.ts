/**
 * One of four channels hangs: do the other three keep their rate and latency? Every channel in a process of its own, on
 * a real PostgreSQL, on each bus in turn.
 */
import { busKinds } from "../../test/support/buses.js";
import { type BulkheadReport, hangOneOfFour } from "../../test/support/bulkhead/experiment.js";
import { withDatabase } from "../database.js";
import { UsageError } from "../options.js";
import { bulkhead, type BulkheadFigures } from "../report/sections/bulkhead.js";
import { defineMeasure } from "./measure.js";

type Say = (text: string) => void;

interface Settings {
  readonly bus: string;
  readonly rate: number;
  readonly seconds: number;
  readonly "warm-up": number;
  readonly "no-breaker": boolean;
}

const busNames = { postgres: "PostgreSQL", amqp: "RabbitMQ", nats: "NATS JetStream" } as const;
const neverOpens = { failureRatio: 1, minimumCalls: 1_000_000, windowMs: 10_000, openForMs: 5_000 };
const settleMsMax = 180_000;

/** @throws UsageError */
function kindOf(bus: string): (typeof busKinds)[number] {
  const kind = busKinds.find(({ name }) => name === busNames[bus as keyof typeof busNames]);
  if (!kind) throw new UsageError(`there is no bus ${bus}; there are ${Object.keys(busNames).join(", ")}`);
  return kind;
}

const hang = (
  { rate, seconds, "warm-up": warmUp, "no-breaker": noBreaker }: Settings,
  settings: Readonly<Record<string, string>>,
  say: Say,
): Promise<BulkheadReport> =>
  withDatabase("bulkhead", (databaseUrl) =>
    hangOneOfFour({
      ...{ databaseUrl, settings, settleMsMax, say, ordersPerSecond: rate, warmUpMs: warmUp * 1_000 },
      ...{ wellMs: seconds * 1_000, hangMs: seconds * 1_000 },
      ...(noBreaker ? { manifest: { breaker: neverOpens } } : {}),
    }),
  );

async function measure(settings: Settings, say: Say): Promise<BulkheadFigures> {
  const kinds = settings.bus.split(",").map(kindOf);
  const buses: BulkheadFigures["buses"][number][] = [];
  for (const { name, settings: busSettings } of kinds) {
    say(`== ${name}`);
    const report = await hang(settings, busSettings(), say);
    const bySecond = (phase: "well" | "hanging"): string =>
      (report.others[0]?.[phase].slowestMs ?? []).map((ms) => ms.toFixed(0)).join(" ");
    say(`slowest order of alpha by second, ms\nwell    ${bySecond("well")}\nhanging ${bySecond("hanging")}`);
    buses.push({ bus: name, report });
  }
  return { ordersPerSecond: settings.rate, buses };
}

export const bulkheadMeasure = defineMeasure({
  section: bulkhead,
  flags: {
    bus: { preset: "postgres,amqp,nats", help: "one after the other" },
    rate: { preset: 8, help: "orders per second and channel" },
    seconds: { preset: 30, help: "of each phase" },
    "warm-up": { preset: 10, help: "seconds before them" },
    "no-breaker": {
      preset: false,
      help: "the hanging channel's breaker stays closed: queues, slots and connections alone keep them apart",
    },
  },
  measure,
});
