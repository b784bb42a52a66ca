/** What a refused unit means to whoever worked on the delivery. */
import type { CommitResult } from "../ports/store.js";

/** Another worker owns the message or has done its work: there is nothing left to do here. */
export class Superseded extends Error {}
/** The journal holds a durable point this delivery did not know of: load again and go on from there. */
export class Behind extends Error {}
/** A guarded write lost: the unit is gone, the transaction ends with outcome `conflict`. */
export class Conflict extends Error {}

/** @param rowState whether the run's row was known to exist when the unit was made */
export function refuse(
  result: Exclude<CommitResult, { readonly result: "committed" }>,
  rowState: "none" | "open",
): never {
  if (result.result === "leaseLost") throw new Superseded();
  if (result.result === "fenceLost") throw new Behind();
  // The run has a row nobody told this delivery of.
  if (result.table === "runs" && rowState === "none") throw new Behind();
  throw new Conflict();
}
