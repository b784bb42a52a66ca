/**
 * One of four channels hangs: do the other three keep their rate and latency? Every channel in a process of its own, on
 * a real PostgreSQL, on each bus in turn. Prints what was measured, as one run's figures: machines differ, ratios count.
 *
 * npm run bulkhead [-- --bus postgres,amqp,nats --rate 8 --seconds 30 --warm-up 10] [--no-breaker]
 *
 * `--rate` is orders per second and channel; `--no-breaker` keeps the hanging channel's breaker from opening, so that
 * only queues, slots and connections keep the channels apart.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { busKinds } from "../test/support/buses.js";
import { type BulkheadReport, hangOneOfFour, hung } from "../test/support/bulkhead/experiment.js";
import { withDatabase } from "./database.js";

const { values } = parseArgs({
  options: {
    bus: { type: "string", default: "postgres,amqp,nats" },
    rate: { type: "string", default: "8" },
    seconds: { type: "string", default: "30" },
    "warm-up": { type: "string", default: "10" },
    "no-breaker": { type: "boolean", default: false },
  },
});
const phaseMs = Number(values.seconds) * 1000;
const busNames = { postgres: "PostgreSQL", amqp: "RabbitMQ", nats: "NATS JetStream" } as const;
const neverOpens = { failureRatio: 1, minimumCalls: 1_000_000, windowMs: 10_000, openForMs: 5_000 };

function measure(settings: Readonly<Record<string, string>>): Promise<BulkheadReport> {
  return withDatabase("bulkhead", (databaseUrl) =>
    hangOneOfFour({
      databaseUrl,
      settings,
      ordersPerSecond: Number(values.rate),
      warmUpMs: Number(values["warm-up"]) * 1000,
      wellMs: phaseMs,
      hangMs: phaseMs,
      settleMsMax: 180_000,
      ...(values["no-breaker"] ? { manifest: { breaker: neverOpens } } : {}),
      say: (what) => void process.stderr.write(`${what}\n`),
    }),
  );
}

const seconds = (ms: number | undefined): string =>
  ms === undefined ? "never" : `${(ms / 1000).toFixed(1)} s`;
const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ") || "none";

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  return [header, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}

function show(name: string, { others, hung: silent, end, idle }: BulkheadReport): string {
  const rows = others.map(({ channel, well, hanging }) => [
    channel,
    ...[well.paidPerSecond.toFixed(2), hanging.paidPerSecond.toFixed(2)],
    (hanging.paidPerSecond / well.paidPerSecond).toFixed(3),
    ...[well, hanging].map(({ p50Ms }) => p50Ms.toFixed(0)),
    ...[well, hanging].map(({ p99Ms }) => p99Ms.toFixed(0)),
    (hanging.p99Ms / well.p99Ms).toFixed(2),
  ]);
  const header = ["channel", "paid/s", "hanging", "ratio", "p50 ms", "hanging", "p99 ms", "hanging", "ratio"];
  const bySecond = (phase: "well" | "hanging"): string =>
    (others[0]?.[phase].slowestMs ?? []).map((ms) => ms.toFixed(0)).join(" ");
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  const facts = [
    ["processors idle while all was well / hanging", `${percent(idle.well)} / ${percent(idle.hanging)}`],
    ["breaker opened after the hang began", seconds(silent.openedAfterMs)],
    ["charges its institution left unanswered", String(silent.chargesSent)],
    ["orders while all was well", counts(silent.answers.well)],
    ["orders while it hung", counts(silent.answers.hanging)],
    ["orders afterwards, until well again", counts(silent.answers.afterwards)],
    ["breaker closed after the hang ended", seconds(silent.closedAfterMs)],
    ["new order paid after the hang ended", seconds(silent.paidAfterMs)],
    ["last run ended after the last order", seconds(end.settledAfterMs)],
    ["orders in the end", counts(end.orders)],
    ["open / parked in the end", `${end.open} / ${end.parked.length}`],
    [
      "charged twice / for nothing / paid uncharged",
      [end.chargedTwice, end.chargedForNothing, end.paidForNothing].map(({ length }) => length).join(" / "),
    ],
  ];
  process.stderr.write(`slowest order of alpha by second, ms\nwell    ${bySecond("well")}\n`);
  process.stderr.write(`hanging ${bySecond("hanging")}\n`);
  return `\n### ${name}\n\n${table(header, rows)}\n${table([hung, ""], facts)}`;
}

process.stdout.write(
  `${cpus().length} x ${cpus()[0]?.model ?? "?"}; ${values.rate} orders/s for each of four channels, ${values.seconds} s a phase\n`,
);
for (const bus of values.bus.split(",")) {
  const kind = busKinds.find(({ name }) => name === busNames[bus as keyof typeof busNames]);
  if (!kind) throw new Error(`there is no bus ${bus}; there are ${Object.keys(busNames).join(", ")}`);
  process.stderr.write(`== ${kind.name}\n`);
  process.stdout.write(show(kind.name, await measure(kind.settings())));
}
