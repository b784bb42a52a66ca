/** The command line of one measurement: its flags are a table, from which usage and values are made. */
import { parseArgs } from "node:util";
import { UsageError } from "../options.js";

export interface Flag<Value extends string | number | boolean = string | number | boolean> {
  /** Also says of which kind it is: a number is a count of at least 1, `false` a switch. */
  readonly preset: Value;
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;
type Widened<Value> = Value extends number ? number : Value extends string ? string : boolean;
export type ValuesOf<F extends Flags> = { readonly [Name in keyof F]: Widened<F[Name]["preset"]> };

/** @throws UsageError */
export function readFlags<F extends Flags>(flags: F, args: readonly string[]): ValuesOf<F> {
  const given = parse(flags, args);
  const values = Object.entries(flags).map(([name, { preset }]) => {
    const value = given[name] ?? preset;
    return [name, typeof preset === "number" ? count(name, value) : value] as const;
  });
  return Object.fromEntries(values) as ValuesOf<F>;
}

function count(name: string, value: unknown): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new UsageError(`--${name} must be a whole number, at least 1`);
  return number;
}

function parse(flags: Flags, args: readonly string[]): Readonly<Record<string, unknown>> {
  const options = Object.entries(flags).map(([name, { preset }]) => {
    const type = typeof preset === "boolean" ? ("boolean" as const) : ("string" as const);
    return [name, { type }] as const;
  });
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(options) }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export const usageOf = (flags: Flags): string =>
  Object.entries(flags)
    .map(([name, { preset, help }]) => {
      const value = typeof preset === "boolean" ? "" : typeof preset === "number" ? " N" : " TEXT";
      const default_ = preset === false || preset === "" ? "" : `; default ${preset}`;
      return `    ${`--${name}${value}`.padEnd(20)} ${help}${default_}\n`;
    })
    .join("");
