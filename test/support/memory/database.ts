/**
 * The rows, journal and messages of a system, in memory, behind the gates of the real commit statement: lease, fence
 * and guard are looked at first, for the whole batch, and a batch with one refused unit leaves nothing behind.
 * What goes in comes out as its JSON: nobody shares an object with the database.
 */
import { invariant } from "../../../engine/limits.js";
import type { OutgoingMessage } from "../../../engine/ports/bus.js";
import type { Clock } from "../../../engine/ports/clock.js";
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
} from "../../../engine/ports/store.js";

export interface StoredMessage extends Omit<OutgoingMessage, "claim" | "delayMs" | "expiresInMs"> {
  readonly seq: number;
  deliveryCount: number;
  token?: string | undefined;
  /** The process that holds the lease. */
  owner?: string | undefined;
  /** Deliverable from then on; the end of the lease while it is held. */
  visibleAtMs: number;
  readonly expiresAtMs?: number;
}

export type JournalRow = JournalEntry & { readonly atMs: number };

export const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const keyText = (spec: TableSpec, row: Row): string =>
  spec.key.map((column) => String(row[column])).join(" ");
const journalKey = ({ runDay, runId, hop, point }: JournalEntry): string =>
  [runDay, runId, hop, point].join(" ");

export class MemoryDatabase implements BatchWriter {
  readonly messages = new Map<string, StoredMessage>();
  readonly journal = new Map<string, JournalRow>();
  /** Set: every statement fails as a database does that is not there. */
  away = false;
  /** Called with every batch before its gates are looked at; a test may change rows in between, or throw. */
  beforeWrite: (units: readonly Unit[]) => void = () => undefined;
  readonly #specs: ReadonlyMap<string, TableSpec>;
  readonly #rows = new Map<string, Map<string, Row>>();
  #seq = 0;

  constructor(
    private readonly clock: Clock,
    tables: readonly TableSpec[],
  ) {
    this.#specs = new Map(tables.map((spec) => [spec.name, spec]));
  }

  keyColumns(table: string): readonly string[] {
    return this.#spec(table).key;
  }

  /** Rows of a table in the order they were inserted. */
  rows(table: string): readonly Row[] {
    return [...this.#table(table).values()].map(asJson);
  }

  find(table: string, key: Row): Row | undefined {
    const wanted = Object.entries(key);
    return this.rows(table).find((row) => wanted.every(([column, value]) => row[column] === value));
  }

  delete(table: string, key: Row): void {
    this.#table(table).delete(keyText(this.#spec(table), key));
  }

  async write(units: readonly Unit[]): Promise<BatchResult> {
    this.reachable();
    this.beforeWrite(units);
    for (const write of units.flatMap((unit) => unit.writes)) this.#check(write);
    const refusals = units.flatMap((unit, index) => this.#refusals(unit, index));
    if (refusals.length > 0) return { result: "refused", refusals };
    for (const unit of units) this.#apply(unit);
    return { result: "committed" };
  }

  async committedOwners(units: readonly Unit[]): Promise<ReadonlySet<string>> {
    this.reachable();
    const stored = units.flatMap(({ journal }) => (journal ? [this.journal.get(journalKey(journal))] : []));
    return new Set(stored.flatMap((entry) => (entry ? [entry.owner] : [])));
  }

  /** Inserts a message unless its id is there. */
  publish({ claim: _hint, delayMs = 0, expiresInMs, ...message }: OutgoingMessage, deliveryCount = 0): void {
    if (this.messages.has(message.messageId)) return;
    const nowMs = this.clock.nowMs();
    this.messages.set(message.messageId, {
      ...asJson(message),
      seq: this.#seq++,
      deliveryCount,
      visibleAtMs: nowMs + delayMs,
      ...(expiresInMs === undefined ? {} : { expiresAtMs: nowMs + expiresInMs }),
    });
  }

  reachable(): void {
    if (this.away) throw new BatchError("unreachable", "the database is away");
  }

  #spec(table: string): TableSpec {
    const spec = this.#specs.get(table);
    invariant(spec, `table ${table} is described`);
    return spec;
  }

  #table(name: string): Map<string, Row> {
    this.#spec(name);
    const table = this.#rows.get(name) ?? new Map<string, Row>();
    this.#rows.set(name, table);
    return table;
  }

  /** What a typed database would not store. */
  #check(write: Write): void {
    const { columns, name } = this.#spec(write.table);
    const values = write.kind === "insert" ? write.row : { ...write.key, ...write.match, ...write.set };
    for (const [column, value] of Object.entries(values)) {
      const type = columns[column];
      if (type === undefined) throw new BatchError("data", `table ${name} has no column ${column}`);
      if (value === null || value === undefined) continue;
      const numeric = type === "int" || type === "bigint" || type === "timestamp";
      const fits =
        type === "json" ||
        (numeric ? Number.isSafeInteger(value) : type !== "uuid" || uuid.test(String(value)));
      if (!fits) throw new BatchError("data", `${name}.${column} cannot be ${JSON.stringify(value)}`);
    }
  }

  #refusals({ message, journal, writes }: Unit, index: number): readonly Refusal[] {
    const refusals: Refusal[] = [];
    if (message && this.messages.get(message.held.messageId)?.token !== message.held.token)
      refusals.push({ index, gate: "lease" });
    if (journal && this.journal.has(journalKey(journal))) refusals.push({ index, gate: "fence" });
    for (const write of writes) {
      if (!this.#isGuardHeld(write)) refusals.push({ index, gate: "guard", table: write.table });
    }
    return refusals;
  }

  #isGuardHeld(write: Write): boolean {
    const spec = this.#spec(write.table);
    const row = this.#table(write.table).get(keyText(spec, write.kind === "insert" ? write.row : write.key));
    if (write.kind === "insert") return row === undefined || write.exists === "keep";
    if (!row) return false;
    const matches = Object.entries(write.match ?? {}).every(([column, value]) => row[column] === value);
    return matches && write.from.includes(String(row[spec.status ?? ""]));
  }

  #apply({ message, journal, writes, publish }: Unit): void {
    if (message?.consume) this.messages.delete(message.held.messageId);
    if (journal) this.journal.set(journalKey(journal), { ...asJson(journal), atMs: this.clock.nowMs() });
    for (const write of writes) this.#applyWrite(write);
    for (const outgoing of publish) this.publish(outgoing);
  }

  #applyWrite(write: Write): void {
    const spec = this.#spec(write.table);
    const table = this.#table(write.table);
    if (write.kind === "insert") {
      const key = keyText(spec, write.row);
      const blank = Object.fromEntries(Object.keys(spec.columns).map((column) => [column, null]));
      if (!table.has(key)) table.set(key, asJson({ ...blank, ...write.row }));
      return;
    }
    const key = keyText(spec, write.key);
    table.set(key, asJson({ ...table.get(key), ...write.set, [spec.status ?? ""]: write.to }));
  }
}
