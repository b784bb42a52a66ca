/**
 * The rows, journal and messages of a system, in memory, behind the gates of the real commit statement: lease, fence
 * and guard are looked at first, for the whole batch, and a batch with one refused unit leaves nothing behind. As in
 * SQL, two units of one batch that pass the same guard both pass: keeping them apart is the group commit's business.
 */
import { invariant } from "../../engine/limits.js";
import { merged } from "../../engine/rows.js";
import type { Outgoing, OutgoingMessage } from "../../engine/ports/bus.js";
import type { Clock } from "../../engine/ports/clock.js";
import {
  BatchError,
  type BatchResult,
  type BatchWriter,
  type JournalEntry,
  type Refusal,
  type Row,
  type TableSpec,
  type Unit,
  type Write,
} from "../../engine/ports/store.js";
import { type Change, Indexes } from "./indexes.js";
import { asJson, isStorable } from "./json.js";
import { MessageTable, type StoredMessage } from "./messages.js";
import { OutboxTables } from "./outbox-tables.js";

export type JournalRow = JournalEntry & { readonly atMs: number };

/** Why a row must not be stored, by table; what a database says in check constraints. */
export type RowChecks = Readonly<Record<string, (row: Row) => string | undefined>>;

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const journalKey = ({
  runDay,
  runId,
  hop,
  point,
}: Pick<JournalEntry, "runDay" | "runId" | "hop" | "point">) => `${runDay} ${runId} ${hop} ${point}`;

/** A process whose broker stands beside the database: what it publishes goes to the outbox, and leases are no gate. */
export interface Relay {
  readonly instance: string;
  prepare(message: OutgoingMessage): Outgoing;
}

/** What a process writes through: the database, or something in between that loses a word or takes its time. */
export interface MemoryWriter {
  write(units: readonly Unit[], relay?: Relay): Promise<BatchResult>;
  committedOwners(units: readonly Unit[]): Promise<ReadonlySet<string>>;
}

export class MemoryDatabase implements MemoryWriter, BatchWriter {
  readonly queue: MessageTable;
  readonly outbox: OutboxTables;
  readonly journal = new Map<string, JournalRow>();
  readonly indexes = new Indexes((table, row) => this.#row(this.#spec(table), row) === row);
  /** Days the journal has room for; undefined: for all. */
  days: Set<string> | undefined;
  /** Last sign of life of a process, epoch milliseconds. */
  readonly beats = new Map<string, number>();
  /** Set: every statement fails as a database does that is not there. */
  away = false;
  /** Called with every batch before its gates are looked at; a test may change rows in between, or throw. */
  beforeWrite: (units: readonly Unit[]) => void = () => undefined;
  /** Told of every row that has changed, in a commit or outside of one. */
  onChange: (change: Change) => void = () => undefined;
  /** Told of every unit that was committed, as it is. */
  onCommit: (unit: Unit) => void = () => undefined;
  readonly #specs: ReadonlyMap<string, TableSpec>;
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly #journalOfRuns = new Map<string, JournalRow[]>();

  constructor(
    readonly clock: Clock,
    tables: readonly TableSpec[],
    private readonly checks: RowChecks = {},
  ) {
    this.queue = new MessageTable(() => clock.nowMs());
    this.outbox = new OutboxTables(clock);
    this.#specs = new Map(tables.map((spec) => [spec.name, spec]));
  }

  get messages(): Map<string, StoredMessage> {
    return this.queue.byId;
  }

  has(table: string): boolean {
    return this.#specs.has(table);
  }

  shape(table: string): Pick<TableSpec, "key" | "status"> {
    return this.#spec(table);
  }

  /** Rows of a table in the order they were inserted. */
  rows(table: string): readonly Row[] {
    return [...this.#table(this.#spec(table)).values()];
  }

  count(table: string): number {
    return this.#table(this.#spec(table)).size;
  }

  find(table: string, key: Row): Row | undefined {
    const spec = this.#spec(table);
    const names = Object.keys(key);
    if (names.length === spec.key.length && spec.key.every((column) => key[column] !== undefined))
      return this.#row(spec, key);
    for (const row of this.#table(spec).values())
      if (names.every((column) => row[column] === key[column])) return row;
    return undefined;
  }

  delete(table: string, key: Row): void {
    const spec = this.#spec(table);
    const before = this.#row(spec, key);
    if (!before) return;
    this.#table(spec).delete(keyText(spec, key));
    this.#changed({ table, before, after: undefined });
  }

  /** Durable points of a run, in the order they were committed. */
  journalOf(runId: string): readonly JournalRow[] {
    return this.#journalOfRuns.get(runId) ?? [];
  }

  /** Moves the journal of a run into the past. */
  ageJournal(runId: string, byMs: number): void {
    const aged = this.journalOf(runId).map((row) => ({ ...row, atMs: row.atMs - byMs }));
    this.#journalOfRuns.set(runId, aged);
    for (const row of aged) this.journal.set(journalKey(row), row);
  }

  /** @param relay what the bus of the writing process wants of messages; without one they are rows beside the others */
  async write(units: readonly Unit[], relay?: Relay): Promise<BatchResult> {
    this.reachable();
    this.beforeWrite(units);
    for (const unit of units) this.#check(unit);
    const refusals = units.flatMap((unit, index) => this.#refusals(unit, index, relay === undefined));
    if (refusals.length > 0) return { result: "refused", refusals };
    for (const unit of units) this.#apply(unit, relay);
    return { result: "committed" };
  }

  async committedOwners(units: readonly Unit[]): Promise<ReadonlySet<string>> {
    this.reachable();
    const stored = units.flatMap(({ journal = [] }) =>
      journal.map((entry) => this.journal.get(journalKey(entry))),
    );
    return new Set(stored.flatMap((entry) => (entry ? [entry.owner] : [])));
  }

  /**
   * Inserts a message unless its id is there.
   * @throws BatchError `data` when its id is none
   */
  publish(message: OutgoingMessage, deliveryCount = 0): void {
    if (!uuid.test(message.messageId)) throw new BatchError("data", `${message.messageId} is no id`);
    this.queue.insert(message, deliveryCount);
  }

  reachable(): void {
    if (this.away) throw new BatchError("unreachable", "the database is away");
  }

  #spec(table: string): TableSpec {
    const spec = this.#specs.get(table);
    invariant(spec, `table ${table} is described`);
    return spec;
  }

  #table(spec: TableSpec): Map<string, Row> {
    const table = this.#rows.get(spec.name);
    if (table) return table;
    const made = new Map<string, Row>();
    this.#rows.set(spec.name, made);
    return made;
  }

  #row(spec: TableSpec, key: Row): Row | undefined {
    return this.#table(spec).get(keyText(spec, key));
  }

  #changed(change: Change): void {
    this.indexes.take(change);
    this.onChange(change);
  }

  /** What a typed database would not store. */
  #check({ journal = [], writes, publish }: Unit): void {
    for (const { runDay } of journal)
      if (this.days?.has(runDay) === false)
        throw new BatchError("data", `the journal has no room for ${runDay}`);
    for (const write of writes) this.#checkWrite(write);
    for (const { messageId } of publish)
      if (!uuid.test(messageId)) throw new BatchError("data", `${messageId} is no id`);
  }

  #checkWrite(write: Write): void {
    const spec = this.#spec(write.table);
    const { columns, name, status } = spec;
    if (write.kind === "transition" && status === undefined)
      throw new BatchError("data", `table ${name} has no status`);
    const values =
      write.kind === "insert"
        ? write.row
        : merged(write.key, write.match ?? {}, write.set ?? {}, { [status!]: write.to });
    for (const column of Object.keys(values)) {
      const value = values[column];
      const type = columns[column];
      if (type === undefined) throw new BatchError("data", `table ${name} has no column ${column}`);
      if (value === null || value === undefined) continue;
      const numeric = type === "int" || type === "bigint" || type === "timestamp";
      const fits =
        type === "json"
          ? isStorableJson(value)
          : numeric
            ? Number.isSafeInteger(value)
            : type === "uuid"
              ? uuid.test(String(value))
              : isStorable(String(value));
      if (!fits) throw new BatchError("data", `${name}.${column} cannot be ${String(value)}`);
    }
    const why = this.checks[name]?.(values);
    if (why !== undefined) throw new BatchError("data", `${name}: ${why}`);
  }

  #refusals({ message, journal = [], writes }: Unit, index: number, leases: boolean): readonly Refusal[] {
    const refusals: Refusal[] = [];
    if (leases && message && this.messages.get(message.held.messageId)?.token !== message.held.token)
      refusals.push({ index, gate: "lease" });
    if (journal.some((entry) => this.journal.has(journalKey(entry)))) refusals.push({ index, gate: "fence" });
    for (const write of writes)
      if (!this.#isGuardHeld(write)) refusals.push({ index, gate: "guard", table: write.table });
    return refusals;
  }

  #isGuardHeld(write: Write): boolean {
    const spec = this.#spec(write.table);
    const row = this.#row(spec, write.kind === "insert" ? write.row : write.key);
    if (write.kind === "insert") return row === undefined || write.exists === "keep";
    if (!row) return false;
    const { match = {} } = write;
    return (
      Object.keys(match).every((column) => row[column] === match[column]) &&
      write.from.includes(String(row[spec.status ?? ""]))
    );
  }

  #apply(unit: Unit, relay: Relay | undefined): void {
    const { message, journal = [], writes, publish } = unit;
    if (message?.consume && !relay) this.messages.delete(message.held.messageId);
    for (const entry of journal)
      this.#enter({ atMs: this.clock.nowMs(), ...entry, data: asJson(entry.data) });
    for (const write of writes) this.#applyWrite(write);
    for (const outgoing of publish)
      if (relay) this.outbox.add(relay.prepare(outgoing), relay.instance);
      else this.publish(outgoing);
    this.onCommit(unit);
  }

  #enter(row: JournalRow): void {
    this.journal.set(journalKey(row), row);
    const rows = this.#journalOfRuns.get(row.runId);
    if (rows) rows.push(row);
    else this.#journalOfRuns.set(row.runId, [row]);
  }

  #applyWrite(write: Write): void {
    const spec = this.#spec(write.table);
    const table = this.#table(spec);
    const key = keyText(spec, write.kind === "insert" ? write.row : write.key);
    const before = table.get(key);
    if (write.kind === "insert" && before) return;
    const after: Row =
      write.kind === "insert"
        ? merged(blankOf(spec), asJson(write.row) as Row)
        : merged(before ?? {}, asJson(write.set ?? {}) as Row, { [spec.status ?? ""]: write.to });
    table.set(key, Object.freeze(after));
    this.#changed({ table: spec.name, before, after });
  }
}

function keyText({ key }: TableSpec, row: Row): string {
  if (key.length === 1) return String(row[key[0]!]);
  return key.map((column) => String(row[column])).join(" ");
}

const blanks = new WeakMap<TableSpec, Row>();
function blankOf(spec: TableSpec): Row {
  const known = blanks.get(spec);
  if (known) return known;
  const blank = Object.fromEntries(Object.keys(spec.columns).map((column) => [column, null]));
  blanks.set(spec, blank);
  return blank;
}

/** Every text in it, at any depth, can be stored, and nothing in it is no JSON. */
function isStorableJson(value: unknown): boolean {
  if (typeof value === "string") return isStorable(value);
  if (typeof value === "bigint") return false;
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, each]) => isStorable(name) && isStorableJson(each));
}
