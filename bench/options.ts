/** The command line of `npm run bench`. */
import { parseArgs } from "node:util";
import { contestantNames, isContestant, type ContestantName } from "./contestants/contestant.js";

export interface Options {
  readonly contestants: readonly ContestantName[];
  /** Measured alternately, so that a machine that drifts does so under all of them. */
  readonly rounds: number;
  /** Orders in flight. */
  readonly inFlight: number;
  /** Of one measurement. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Of the measurement at half of the load; 0: none. */
  readonly halfLoadSeconds: number;
  readonly quick: boolean;
  /** To stdout: the results instead of the tables. */
  readonly json: boolean;
  /** For every node process of the contestants. */
  readonly nodeArgs: readonly string[];
}

export const usage = `npm run bench [-- options]
  --quick              one short round of everything, within two minutes
  --only a,b           of ${contestantNames.join(", ")}
  --rounds N           default 3; with --quick 1
  --seconds N          of one measurement; default 10; with --quick 4
  --warm-up N          seconds before it; default 30; with --quick 4
  --half-load N        seconds at half of the load, for its latency; default 10; with --quick 0: none
  --in-flight K        orders in flight, and K of nothing else; default 64
  --node-args="..."    for the contestants' node processes, such as --cpu-prof --cpu-prof-dir=DIR
  --json               print the results as JSON
`;

export class UsageError extends Error {}

/** node compiles what is hot: a contestant needs thousands of payments before it is as fast as it will be. */
const presets = {
  full: { rounds: 3, seconds: 10, warmUp: 30, halfLoad: 10 },
  quick: { rounds: 1, seconds: 4, warmUp: 4, halfLoad: 0 },
} as const;

function contestantsOf(only: string | undefined): readonly ContestantName[] {
  if (only === undefined) return contestantNames;
  return only.split(",").map((name) => {
    if (!isContestant(name)) throw new UsageError(`there is no contestant ${name}`);
    return name;
  });
}

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  const preset = values.quick ? presets.quick : presets.full;
  const number = (
    flag: "rounds" | "seconds" | "warm-up" | "half-load" | "in-flight",
    preset: number,
  ): number => {
    const value = values[flag] === undefined ? preset : Number(values[flag]);
    const least = flag === "half-load" ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least)
      throw new UsageError(`--${flag} must be a whole number, at least ${least}`);
    return value;
  };
  return {
    contestants: contestantsOf(values.only),
    rounds: number("rounds", preset.rounds),
    inFlight: number("in-flight", 64),
    seconds: number("seconds", preset.seconds),
    warmUpSeconds: number("warm-up", preset.warmUp),
    halfLoadSeconds: number("half-load", preset.halfLoad),
    quick: values.quick,
    json: values.json,
    nodeArgs: (values["node-args"] ?? "").split(" ").filter((arg) => arg !== ""),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        only: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        "warm-up": { type: "string" },
        "half-load": { type: "string" },
        "in-flight": { type: "string" },
        "node-args": { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
