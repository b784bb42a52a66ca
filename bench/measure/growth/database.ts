/** A database full of settled orders: one that was left, or a new one. */
import { createDatabase, dropDatabase, findDatabase, freshName } from "../../database.js";
import { UsageError } from "../../options.js";
import { fill, isFilled } from "./fill.js";

type Say = (text: string) => void;

export interface FilledSettings {
  /** Settled orders in a new one. */
  readonly orders: number;
  /** Takes the database of that name, or fills it, and leaves it. Empty: one of its own. */
  readonly database: string;
  /** Leaves it, whatever its name. */
  readonly keep: boolean;
}

export const filledFlags = {
  orders: { preset: 5_000_000, help: "settled orders in place" },
  database: { preset: "", help: "takes the database of that name, or fills it, and leaves it" },
  keep: { preset: false, help: "leaves the filled database, whatever its name" },
} as const;

/** Gone afterwards, unless it is to stay. */
export async function withFilled<T>(
  { orders, database, keep }: FilledSettings,
  say: Say,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const name = database === "" ? freshName("growth") : database;
  const url = (await taken(database)) ?? (await filled(name, orders, say));
  try {
    return await work(url);
  } finally {
    if (keep || database !== "") say(`database ${name} stays: --database ${name} takes it again`);
    else await dropDatabase(name);
  }
}

/** A new database; what cannot be filled to the end is not left behind. */
async function filled(name: string, orders: number, say: Say): Promise<string> {
  const url = await createDatabase(name);
  try {
    await fill(url, orders, say);
  } catch (error) {
    await dropDatabase(name);
    throw error;
  }
  return url;
}

/** One that was left. @throws UsageError when whoever filled it was interrupted */
async function taken(name: string): Promise<string | undefined> {
  const url = name === "" ? undefined : await findDatabase(name);
  if (url !== undefined && !(await isFilled(url)))
    throw new UsageError(`database ${name} was not filled to the end: drop it, or name another one`);
  return url;
}
