/**
 * `npm run simulate -- --seed N [--orders N] [--verbose]`: one seed, exactly as it was.
 * `npm run soak -- --minutes N [--seed FIRST] [--orders N]`: fresh seeds until the time is up, or one has failed.
 */
import { parseArgs } from "node:util";
import type { Climate } from "./climate.js";
import { Counts } from "./counts.js";
import { failureReport } from "./report.js";
import { Simulation } from "./simulation.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    orders: { type: "string" },
    minutes: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const progressEveryMs = 10_000;

/** Errors of a fair day's trouble are many, and nobody reads their stacks. */
Error.stackTraceLimit = values.verbose ? 10 : 0;

const climate: Partial<Climate> =
  values.orders === undefined ? {} : { orders: whole("orders", values.orders) };
process.exitCode = await (values.minutes === undefined
  ? replay(whole("seed", values.seed ?? "1"))
  : soak(Number(values.minutes) * 60_000));

async function replay(seed: number): Promise<number> {
  const outcome = await Simulation.run(seed, {
    climate,
    ...(values.verbose ? { trace: (atMs, line) => print(`${(atMs / 1_000).toFixed(3)} ${line}`) } : {}),
  });
  for (const line of outcome.counts.lines()) print(line);
  if (outcome.complaints.length === 0) print(`seed ${seed}: nothing to complain about`);
  else for (const line of await failureReport(outcome)) print(line);
  return outcome.complaints.length === 0 ? 0 : 1;
}

/** @returns the exit code: 1 when a seed failed */
async function soak(forMs: number): Promise<number> {
  const startedMs = Date.now();
  const first = values.seed === undefined ? startedMs % 1_000_000_000 : whole("seed", values.seed);
  const total = new Counts();
  let toldMs = startedMs;
  let failed = 0;
  for (let seed = first; Date.now() < startedMs + forMs && failed < 3; seed++) {
    const outcome = await Simulation.run(seed, { climate });
    total.merge(outcome.counts);
    if (outcome.complaints.length > 0) {
      failed++;
      for (const line of await failureReport(outcome)) print(line);
    }
    if (Date.now() - toldMs < progressEveryMs) continue;
    toldMs = Date.now();
    process.stderr.write(`soak: seed ${seed}, ${total.of("orders")} orders\n`);
  }
  const elapsedS = (Date.now() - startedMs) / 1_000;
  for (const line of total.lines()) print(line);
  const rate = Math.round(total.of("orders") / elapsedS);
  print(
    `${total.of("seeds")} seeds from ${first}, ${total.of("orders")} orders in ${Math.round(elapsedS)} s (${rate}/s), ${failed} failed`,
  );
  return failed === 0 ? 0 : 1;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name} takes a whole number, not ${text}\n`);
  process.exit(2);
}
