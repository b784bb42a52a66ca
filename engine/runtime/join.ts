/**
 * Joins what two hops of a run have done into one unit, so that one commit makes both durable. Writes of the second
 * to a row that the first has written are folded into it: a statement writes a row once.
 */
import type { JournalEntry, Row, Store, Unit, Write } from "../ports/store.js";
import { merged } from "../rows.js";
import { rowKey } from "./row-key.js";

type Shape = Store["shape"];

/**
 * The message is the second unit's, if it has one. Undefined when the second cannot follow in the same statement: its guard asks
 * about something the first does not say.
 */
export function joinUnits(first: Unit, second: Unit, shapeOf: Shape): Unit | undefined {
  const writes = foldWrites(first.writes, second.writes, shapeOf);
  return (
    writes && {
      ...first,
      ...second,
      journal: [...(first.journal ?? []), ...(second.journal ?? [])],
      writes,
      publish: [...first.publish, ...second.publish],
    }
  );
}

/** Says in the journal that the hop's message was kept for what follows: whoever gets it again hands it on. */
export const carriedOn = (journal: readonly JournalEntry[] | undefined): readonly JournalEntry[] =>
  (journal ?? []).map((entry) =>
    entry.kind === "end" ? { ...entry, data: { carried: true, ...entry.data } } : entry,
  );

function foldWrites(
  first: readonly Write[],
  second: readonly Write[],
  shapeOf: Shape,
): readonly Write[] | undefined {
  const keyOf = (write: Write): string => rowKey(write, shapeOf(write.table).key);
  const folded = new Map(first.map((write) => [keyOf(write), write]));
  // A hop that writes a row twice stays as its atoms described it.
  if (folded.size < first.length) return undefined;
  for (const write of second) {
    const key = keyOf(write);
    const earlier = folded.get(key);
    const both = earlier === undefined ? write : fold(earlier, write, shapeOf);
    if (!both) return undefined;
    folded.set(key, both);
  }
  return [...folded.values()];
}

/** Only what is known to be true after the first write can be asked for by the second. */
function fold(earlier: Write, later: Write, shapeOf: Shape): Write | undefined {
  if (later.kind === "insert") return undefined;
  const { status } = shapeOf(earlier.table);
  if (status === undefined) return undefined;
  if (earlier.kind === "insert") {
    const holds = earlier.exists === "conflict" && later.from.includes(String(earlier.row[status]));
    if (!holds || !matches(earlier.row, later.match)) return undefined;
    return { ...earlier, row: merged(earlier.row, later.set ?? {}, { [status]: later.to }) };
  }
  if (!later.from.includes(earlier.to) || !matches(earlier.set ?? {}, later.match)) return undefined;
  return { ...earlier, to: later.to, set: merged(earlier.set ?? {}, later.set ?? {}) };
}

const matches = (known: Row, asked: Row = {}): boolean =>
  Object.keys(asked).every((column) => known[column] === asked[column]);
