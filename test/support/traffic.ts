/** Units of work committed while something terrible happens, and the account of what became of them. */
import assert from "node:assert/strict";
import { ending } from "../contract/store.js";
import { pause, type TestProcess, traced, type Traced, traces } from "../contract/world.js";

export interface Ended extends Traced {
  readonly ending: string;
}

/** Keeps a few units under way until `stop` says so, then waits for the last of them. */
export async function traffic(process: TestProcess, stop: () => boolean): Promise<readonly Ended[]> {
  const ended: Ended[] = [];
  const lane = async (): Promise<void> => {
    while (!stop()) {
      const unit = traced();
      ended.push({ ...unit, ending: await ending(process.store.commit(unit.unit)) });
      await pause(1);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return ended;
}

/** No loss, no duplicate: committed means there, once and whole; unknown means whole or not at all. */
export async function assertKept(process: TestProcess, units: readonly Ended[]): Promise<void> {
  const whole = "row 1, journal 1, message 1";
  const none = "row 0, journal 0, message 0";
  const allowed: Readonly<Record<string, readonly string[]>> = {
    committed: [whole],
    commit_unknown: [whole, none],
    database_unreachable: [none],
  };
  const depths = await process.bus.depths();
  for (const unit of units) {
    const found = await traces(process, unit, depths);
    assert.ok(allowed[unit.ending]?.includes(found), `${unit.ending}, but ${found}`);
  }
}
