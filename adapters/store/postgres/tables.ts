/** Table descriptions as SQL sees them. */
import type { ColumnType, TableSpec } from "../../../engine/ports/store.js";
import { invariant } from "../../../engine/limits.js";
import { jsonColumn } from "./record-set.js";

export const snake = (camel: string): string =>
  camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  uuid: "uuid",
  text: "text",
  int: "int",
  bigint: "bigint",
  boolean: "boolean",
  // Travels as epoch milliseconds and becomes a time in SQL.
  timestamp: "bigint",
  date: "date",
  json: "json",
};

/** The type a column has inside a record set. */
export const wireType = (type: ColumnType): string => sqlTypes[type];

/** The expression that turns the wire value of `source` into the column's value. */
export function fromWire(type: ColumnType, source: string): string {
  if (type === "json") return jsonColumn(source);
  return type === "timestamp" ? `to_timestamp(${source} / 1000.0)` : source;
}

/** The expression that selects a column as `Row` values have it. */
export const toWire = (type: ColumnType, source: string): string =>
  type === "timestamp" ? `(extract(epoch from ${source}) * 1000)::bigint` : source;

export const qualified = ({ schema, name }: TableSpec): string => `${schema}.${snake(name)}`;

export class Tables {
  readonly #specs: ReadonlyMap<string, TableSpec>;

  constructor(specs: readonly TableSpec[]) {
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
  }

  get all(): readonly TableSpec[] {
    return [...this.#specs.values()];
  }

  get(name: string): TableSpec {
    const spec = this.#specs.get(name);
    invariant(spec, `table ${name} is described`);
    return spec;
  }

  /** The column's type. A column that is not described is a mistake in an atom. */
  column(spec: TableSpec, name: string): ColumnType {
    const type = spec.columns[name];
    invariant(type, `table ${spec.name} has no column ${name}`);
    return type;
  }
}

/** Dead letters are written by the worker's units; the table belongs to the bus. */
export const deadLettersTable: TableSpec = {
  name: "deadLetters",
  schema: "bus",
  key: ["messageId"],
  columns: {
    messageId: "uuid",
    queue: "text",
    type: "text",
    body: "json",
    reason: "text",
    deliveries: "int",
    diedAt: "timestamp",
  },
};
