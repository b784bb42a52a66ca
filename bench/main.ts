/**
 * `npm run bench`: measures the contestants alternately in rounds, prints what was found, and writes it down.
 * Progress on stderr, tables (or, with --json, the results) on stdout. Exit 1 when a contestant failed, 2 on usage.
 */
import { root } from "../test/support/checkout.js";
import { endWithSignals } from "./contestants/child.js";
import { contestantNames, type ContestantName } from "./contestants/contestant.js";
import { measure } from "./contestants/index.js";
import { settingsOf } from "./costs/postgres.js";
import { machine, versions } from "./machine.js";
import type { Measurement } from "./measurement.js";
import { readOptions, usage, UsageError, type Options } from "./options.js";
import { figuresOf, ratiosOf, type Figures, type Results, type Round } from "./report/results.js";
import { figure } from "./report/table.js";
import {
  databaseTable,
  engineTable,
  failureList,
  processorTable,
  rateTable,
  targetTable,
} from "./report/text.js";
import { writeDocument, writeResults } from "./report/write.js";

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function measureOne(name: ContestantName, options: Options): Promise<Measurement | undefined> {
  try {
    const measurement = await measure(name, options);
    const { paymentsPerSecond, p50Ms, p99Ms, failures } = measurement;
    say(
      `  ${name}: ${figure(paymentsPerSecond)} payments/s, p50 ${figure(p50Ms, 1)} ms, p99 ${figure(p99Ms, 1)} ms` +
        (failures.length > 0 ? `; ${failures.join("; ")}` : ""),
    );
    return measurement;
  } catch (error) {
    say(`  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Every second round in the opposite order: who comes after whom must not matter. */
async function measureRounds(options: Options): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let number = 1; number <= options.rounds; number += 1) {
    say(`round ${number} of ${options.rounds}`);
    const round: Partial<Record<ContestantName, Measurement>> = {};
    const order = number % 2 === 1 ? options.contestants : [...options.contestants].reverse();
    for (const name of order) {
      const measurement = await measureOne(name, options);
      if (measurement) round[name] = measurement;
    }
    rounds.push(round);
  }
  return rounds;
}

async function run(options: Options): Promise<Results> {
  const postgresUrl = process.env["TEST_POSTGRES_URL"];
  if (postgresUrl === undefined) throw new Error("TEST_POSTGRES_URL is not set; npm run bench sets it");
  const facts = {
    takenAt: new Date().toISOString(),
    quick: options.quick,
    machine: machine(),
    versions: await versions(options.contestants, postgresUrl),
    settings: {
      inFlight: options.inFlight,
      seconds: options.seconds,
      warmUpSeconds: options.warmUpSeconds,
      halfLoadSeconds: options.halfLoadSeconds,
      ...(await settingsOf(postgresUrl)),
    },
  };
  const { loadAverage, cpus } = facts.machine;
  // The floor's 32 servers compete better with strangers than two processes do: ratios lean to it.
  if (loadAverage > cpus / 2)
    say(
      `the machine is busy (load average ${figure(loadAverage, 1)}): take no figure of this run for a result`,
    );
  const rounds = await measureRounds(options);
  const contestants = options.contestants.flatMap((name): readonly (readonly [ContestantName, Figures])[] => {
    const figures = figuresOf(
      rounds.flatMap(({ [name]: measurement }) => (measurement ? [measurement] : [])),
    );
    return figures ? [[name, figures]] : [];
  });
  return { ...facts, contestants: Object.fromEntries(contestants), ratios: ratiosOf(rounds), rounds };
}

/** The whole of it becomes the document; a part is kept aside. */
function write(results: Results): void {
  const whole = contestantNames.every((name) => results.contestants[name] !== undefined);
  say(`written: ${writeResults(root, whole ? "latest" : "partial", results)}`);
  if (whole) say(`written: ${writeDocument(root).join(", ")}`);
}

function show(results: Results): void {
  const tables = [
    rateTable(results),
    targetTable(results),
    databaseTable(results),
    processorTable(results),
    engineTable(results),
  ];
  process.stdout.write(`${tables.join("\n")}${failureList(results)}`);
}

endWithSignals();

/** @returns whether all of them could be measured, and none failed */
async function bench(options: Options): Promise<boolean> {
  const results = await run(options);
  write(results);
  if (options.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else show(results);
  const complete = options.contestants.every((name) => results.contestants[name] !== undefined);
  return complete && failureList(results) === "";
}

try {
  const args = process.argv.slice(2);
  if (args.includes("--help")) process.stdout.write(usage);
  else if (!(await bench(readOptions(args)))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n${usage}`);
  process.exitCode = 2;
}
