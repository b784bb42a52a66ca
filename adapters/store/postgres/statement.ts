/**
 * The commit statement: one SQL statement that carries the units of many runs. Gates and writes are common table
 * expressions of the same statement, so they see one snapshot and stand or fall together; when a gate refuses any
 * unit, `core.refuse` raises and nothing of the statement remains.
 *
 * A *part* is one kind of row: leases, journal entries, rows for one table, one shape of transition, messages. The text
 * names only the tables of its parts (a bridge needs no right to any other) and depends on nothing else, so it is
 * prepared once per shape; rows travel as record sets (`record-set.ts`).
 *
 * Everything is driven from the record sets into primary keys. The planner is told so twice: by the connection's
 * settings (`commitSetup`), for on a young table it would rather hash-join and scan, 50 ms for 256 rows and growing;
 * and by `joined`, for on a table that was empty when somebody counted it would walk the whole index instead, with a
 * plan that stays until the next count.
 */
import type { JournalEntry, Row, TableSpec, Write } from "../../../engine/ports/store.js";
import { invariant } from "../../../engine/limits.js";
import { insertMessage, insertOutbox, messageColumns, outboxColumns } from "./messages.js";
import { recordSet, type WireColumn, wireColumns } from "./record-set.js";
import { fromWire, qualified, snake, type Tables, wireType } from "./tables.js";

/** For the connection that runs commit statements. */
export const commitSetup: readonly string[] = [
  "set enable_seqscan = off",
  "set enable_hashjoin = off",
  "set enable_mergejoin = off",
  "set jit = off",
  // Plans must not depend on which rows happened to be in the first batches.
  "set plan_cache_mode = force_generic_plan",
];

/**
 * Equality that can only be looked up: no hash or merge join is possible on it, and no scan in its order. `indexed`
 * is the side whose index is to be used.
 */
export const joined = (indexed: string, given: string): string => `${indexed} = any(array[${given}])`;

/** Names a part and says everything its SQL depends on. */
export type PartKey = string;

export const insertKey = (table: string, columns: readonly string[], exists: "conflict" | "keep"): PartKey =>
  `insert|${table}|${exists}|${columns.join(",")}`;
export const transitionKey = (table: string, set: readonly string[], match: readonly string[]): PartKey =>
  `transition|${table}|${set.join(",")}|${match.join(",")}`;
export const leaseKey: PartKey = "lease";
export const fenceKey: PartKey = "fence";
export const publishKey: PartKey = "publish";
export const outboxKey: PartKey = "outbox";

interface Part {
  /** Of the record set that brings its rows. */
  readonly columns: readonly WireColumn[];
  readonly ctes: readonly string[];
  /** Selects (ix, gate, tbl) of refused rows; absent when the part refuses nothing. */
  readonly refused?: string;
}

/** Gate: the unit holds its message. Consumed messages go in the same commit. */
const leaseColumns = wireColumns("ix int", "message_id uuid", "token uuid", "consume boolean");
const leasePart = (n: number, first: number): Part => ({
  columns: leaseColumns,
  ctes: [
    // In the order in which every other statement locks messages, so that none waits for the other in a circle.
    `l${n} as materialized (select * from ${recordSet(first, leaseColumns)} order by message_id)`,
    `consumed as (delete from bus.messages b using l${n} l
       where l.consume and ${joined("b.message_id", "l.message_id")} and b.lease_token = l.token returning l.ix)`,
    // Locked: nobody claims the message between this look and the commit. A renewal does not have to wait.
    `held as (select l.ix from l${n} l join bus.messages b on ${joined("b.message_id", "l.message_id")}
       where not l.consume and b.lease_token = l.token for key share of b)`,
  ],
  refused: `select ix, 'lease' as gate, null as tbl from l${n}
      where ix not in (select ix from consumed) and ix not in (select ix from held)`,
});

/** Gate: the unit is the first to reach its durable point. */
/** What a unit brings to a part. `ix`: its place in the batch. */
export interface FenceRow {
  readonly ix: number;
  readonly entry: JournalEntry;
}
export interface InsertRow {
  readonly ix: number;
  readonly row: Row;
}
export interface TransitionRow {
  readonly ix: number;
  /** Of the statement: several moves of one unit may go to one table. */
  readonly number: number;
  readonly write: Transition;
}
type Transition = Extract<Write, { readonly kind: "transition" }>;

const column = <R>(name: string, type: string, read: (row: R) => unknown): WireColumn => ({
  name,
  type,
  read: read as WireColumn["read"] & object,
});
const unitColumn = column<{ readonly ix: number }>("ix", "int", ({ ix }) => ix);

const fenceColumn = (name: keyof JournalEntry, type: string): WireColumn =>
  column<FenceRow>(snake(name), type, ({ entry }) => entry[name]);
const fenceColumns = [
  unitColumn,
  fenceColumn("runDay", "date"),
  fenceColumn("runId", "uuid"),
  fenceColumn("hop", "int"),
  fenceColumn("point", "int"),
  fenceColumn("step", "int"),
  fenceColumn("kind", "text"),
  fenceColumn("stage", "text"),
  fenceColumn("outcome", "text"),
  fenceColumn("data", "json"),
  fenceColumn("owner", "uuid"),
  fenceColumn("sendWindowMs", "int"),
];
const fencePart = (n: number, first: number): Part => ({
  columns: fenceColumns,
  ctes: [
    `f${n} as materialized (select * from ${recordSet(first, fenceColumns)})`,
    `fenced as (insert into core.journal
         (run_day, run_id, hop, point, step, kind, stage, outcome, data, owner, send_deadline)
       select run_day, run_id, hop, point, step, kind, stage, outcome, data, owner,
         now() + send_window_ms * interval '1 millisecond'
       from f${n} order by run_id, hop, point
       on conflict do nothing returning run_id, hop, point)`,
  ],
  refused: `select ix, 'fence' as gate, null as tbl from f${n} f where not exists
      (select 1 from fenced d where d.run_id = f.run_id and d.hop = f.hop and d.point = f.point)`,
});

const typed = <R>(
  spec: TableSpec,
  tables: Tables,
  prefix: string,
  names: readonly string[],
  read: (row: R, name: string) => unknown,
): readonly WireColumn[] =>
  names.map((name) =>
    column<R>(`${prefix}${snake(name)}`, wireType(tables.column(spec, name)), (row) => read(row, name)),
  );

function insertPart(
  n: number,
  first: number,
  spec: TableSpec,
  columns: readonly string[],
  exists: string,
  tables: Tables,
): Part {
  const wire = [unitColumn, ...typed<InsertRow>(spec, tables, "", columns, ({ row }, name) => row[name])];
  const values = columns.map((name) => fromWire(tables.column(spec, name), snake(name)));
  const key = spec.key.map(snake);
  const input = `i${n} as materialized (select * from ${recordSet(first, wire)})`;
  const insert = `i${n}_done as (insert into ${qualified(spec)} (${columns.map(snake).join(", ")})
       select ${values.join(", ")} from i${n} order by ${key.join(", ")}
       on conflict do nothing returning ${key.join(", ")})`;
  if (exists === "keep") return { columns: wire, ctes: [input, insert] };
  const same = key.map((column) => `d.${column} = i${n}.${column}`).join(" and ");
  return {
    columns: wire,
    ctes: [input, insert],
    refused: `select ix, 'guard' as gate, '${spec.name}' as tbl from i${n}
      where not exists (select 1 from i${n}_done d where ${same})`,
  };
}

function transitionPart(
  n: number,
  first: number,
  spec: TableSpec,
  set: readonly string[],
  match: readonly string[],
  tables: Tables,
): Part {
  invariant(spec.status, `table ${spec.name} has a status to guard`);
  const status = snake(spec.status);
  const assignments = [
    `${status} = r.to_status`,
    ...set.map((name) => `${snake(name)} = ${fromWire(tables.column(spec, name), `r.s_${snake(name)}`)}`),
  ];
  const conditions = [
    ...spec.key.map((name) => joined(`t.${snake(name)}`, `r.k_${snake(name)}`)),
    `t.${status} = any(string_to_array(r.from_status, ','))`,
    ...match.map(
      (name) =>
        `t.${snake(name)} is not distinct from ${fromWire(tables.column(spec, name), `r.m_${snake(name)}`)}`,
    ),
  ];
  const columns = [
    unitColumn,
    column<TransitionRow>("row", "int", ({ number }) => number),
    column<TransitionRow>("from_status", "text", ({ write }) => write.from.join(",")),
    column<TransitionRow>("to_status", "text", ({ write }) => write.to),
    ...typed<TransitionRow>(spec, tables, "k_", spec.key, ({ write }, name) => write.key[name]),
    ...typed<TransitionRow>(spec, tables, "s_", set, ({ write }, name) => write.set?.[name]),
    ...typed<TransitionRow>(spec, tables, "m_", match, ({ write }, name) => write.match?.[name]),
  ];
  return {
    columns,
    ctes: [
      `t${n} as materialized (select * from ${recordSet(first, columns)} order by ${spec.key.map((k) => `k_${snake(k)}`).join(", ")})`,
      `t${n}_done as (update ${qualified(spec)} t set ${assignments.join(", ")}
       from t${n} r where ${conditions.join(" and ")} returning r.row)`,
    ],
    refused: `select ix, 'guard' as gate, '${spec.name}' as tbl from t${n} where row not in (select row from t${n}_done)`,
  };
}

function partOf(key: PartKey, n: number, first: number, tables: Tables): Part {
  if (key === leaseKey) return leasePart(n, first);
  if (key === fenceKey) return fencePart(n, first);
  if (key === publishKey)
    return { columns: messageColumns, ctes: [`published as (${insertMessage(first)})`] };
  if (key === outboxKey) return { columns: outboxColumns, ctes: [`outgoing as (${insertOutbox(first)})`] };
  const [kind, table = "", a = "", b = ""] = key.split("|");
  const list = (text: string): readonly string[] => (text === "" ? [] : text.split(","));
  const spec = tables.get(table);
  return kind === "insert"
    ? insertPart(n, first, spec, list(b), a, tables)
    : transitionPart(n, first, spec, list(a), list(b), tables);
}

export interface CommitStatement {
  readonly text: string;
  /** Record sets whose parameters it takes, one for each part, in the same order. */
  readonly recordSets: readonly (readonly WireColumn[])[];
}

export function commitStatement(parts: readonly PartKey[], tables: Tables): CommitStatement {
  let first = 1;
  const built = parts.map((key, index) => {
    const part = partOf(key, index + 1, first, tables);
    first += part.columns.length;
    return part;
  });
  const refused = built.flatMap((part) => part.refused ?? []);
  const refusal =
    refused.length === 0
      ? "select 1"
      : "select core.refuse(json_agg(refused)::text) from refused having count(*) > 0";
  const refusals = refused.length === 0 ? [] : [`refused as (${refused.join("\nunion all\n")})`];
  return {
    text: `with ${[...built.flatMap((part) => part.ctes), ...refusals].join(",\n")}\n${refusal}`,
    recordSets: built.map(({ columns }) => columns),
  };
}
