/** Which row a write touches: the same text for the same row. */
import type { Write } from "../ports/store.js";

/** @param key primary key columns of the write's table */
export function rowKey(write: Write, key: readonly string[]): string {
  const row = write.kind === "transition" ? write.key : write.row;
  return `${write.table} ${key.map((column) => String(row[column])).join(" ")}`;
}
