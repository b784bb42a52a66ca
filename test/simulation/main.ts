/**
 * `npm run simulate -- --seed N [--orders N] [--verbose]`: one seed, exactly as it was.
 * `npm run soak -- --minutes N [--seed FIRST] [--orders N] [--threads N]`: fresh seeds until the time is up, or three
 * have failed.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Climate } from "./climate.js";
import { failureReport } from "./report.js";
import { Simulation } from "./simulation.js";
import { soak } from "./soak.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    orders: { type: "string" },
    minutes: { type: "string" },
    threads: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Errors of a fair day's trouble are many, and nobody reads their stacks. */
Error.stackTraceLimit = values.verbose ? 10 : 0;

const climate: Partial<Climate> =
  values.orders === undefined ? {} : { orders: whole("orders", values.orders) };
process.exitCode = await (values.minutes === undefined
  ? replay(whole("seed", values.seed ?? "1"))
  : soak({
      forMs: Number(values.minutes) * 60_000,
      first: values.seed === undefined ? Date.now() % 1_000_000_000 : whole("seed", values.seed),
      threads:
        values.threads === undefined ? availableParallelism() : Math.max(1, whole("threads", values.threads)),
      climate,
      print,
    }));

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

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name} takes a whole number, not ${text}\n`);
  process.exit(2);
}
