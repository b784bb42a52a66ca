/**
 * Rows as they travel into a statement: one array parameter per column, and one JSON array per column of JSON. Reading
 * arrays costs the server half of what reading the same rows as JSON objects does, and nothing is parsed twice.
 */
import { BatchError, type Row } from "../../../engine/ports/store.js";

export interface WireColumn {
  readonly name: string;
  /** An SQL type; `json` for values of any shape. */
  readonly type: string;
  /** Its value in a row; without, the row's property of that name. A row need not be copied to be sent. */
  readonly read?: (row: never) => unknown;
}

export const wireColumns = (...declared: readonly string[]): readonly WireColumn[] =>
  declared.map((text) => {
    const [name = "", type = ""] = text.split(" ");
    return { name, type };
  });

/** Arrays first: the columns of a record set, in the order of its parameters. */
const inOrder = (columns: readonly WireColumn[]): readonly WireColumn[] => [
  ...columns.filter(({ type }) => type !== "json"),
  ...columns.filter(({ type }) => type === "json"),
];

/**
 * The rows as `r`, in the order they were given; parameters are numbered from `first`. Functions that return sets stand in
 * the select list: they go in step, and what they return is not stored before it is read, as `rows from` would.
 */
export function recordSet(first: number, columns: readonly WireColumn[]): string {
  const values = inOrder(columns).map(({ name, type }, index) => {
    const parameter = `$${first + index}`;
    const set =
      type === "json" ? `json_array_elements(${parameter}::json)` : `unnest(${parameter}::${type}[])`;
    return `${set} as ${name}`;
  });
  return `(select ${values.join(", ")}) as r`;
}

/** A JSON column of a record set as SQL sees it: nothing is null, not the JSON value of that name. */
export const jsonColumn = (source: string): string =>
  `case when json_typeof(${source}) <> 'null' then ${source} end`;

/** The parameters of a record set. @throws BatchError `data` when a text cannot be stored */
export const encoded = (columns: readonly WireColumn[], rows: readonly object[]): readonly string[] =>
  inOrder(columns).map(({ name, type, read = (row: Row) => row[name] }) => {
    const value = read as (row: object) => unknown;
    return type === "json" ? jsonList(rows, name, value) : arrayOf(rows, value);
  });

function arrayOf(rows: readonly object[], value: (row: object) => unknown): string {
  let text = "{";
  for (const row of rows) text += text === "{" ? element(value(row)) : `,${element(value(row))}`;
  return `${text}}`;
}

const special = /["\\]/;

function element(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : String(value);
  return `"${special.test(text) ? text.replace(/["\\]/g, "\\$&") : text}"`;
}

/** NUL, and halves of surrogate pairs, as JSON writes them: no text of a database. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

function jsonList(rows: readonly object[], name: string, value: (row: object) => unknown): string {
  const text = JSON.stringify(rows.map((row) => value(row) ?? null));
  if (text.includes("\\u") && unstorable.test(text))
    throw new BatchError("data", `${name} holds text that a database does not store`);
  return text;
}
