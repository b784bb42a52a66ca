/**
 * Copies of wide rows. V8 takes 2 µs to add a property to the copy that a spread has made, and a hundredth of that for
 * an object that began with a name of its own: what is copied in order to be added to is copied here, and where it
 * matters a literal that adds to what it spreads begins with a name (docs/decisions/0015).
 */
import type { Row } from "./ports/store.js";

/** Beyond a dozen names `Object.assign` leaves an object that everything afterwards is slow with; this does not. */
export function add(target: Record<string, unknown>, source: Row): void {
  for (const name of Object.keys(source)) target[name] = source[name];
}

/** Of what stands in several, the last one counts. */
export function merged(...sources: readonly Row[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const source of sources) add(copy, source);
  return copy;
}
