/** Writes one batch of units as one statement. */
import type { ClaimDesk, OutgoingMessage } from "../../../engine/ports/bus.js";
import type { BatchResult, BatchWriter, Refusal, Row, Unit, Write } from "../../../engine/ports/store.js";
import type { Sql } from "./database.js";
import { RefusedError } from "./failure.js";
import { messageRow } from "./messages.js";
import { commitStatement, insertKey, type PartKey, publishKey, transitionKey } from "./statement.js";
import { snake, type Tables } from "./tables.js";

/** Beyond this many parts the shape starts over: a statement that carries everything ever seen helps nobody. */
const partsMax = 24;

interface Reserved {
  readonly message: OutgoingMessage;
  readonly token: string;
}

export class PostgresBatchWriter implements BatchWriter {
  /**
   * Parts seen so far, in order. A statement always carries all of them, empty ones included, so that after a few
   * batches every batch has the same text and the same prepared plan.
   */
  #shape: PartKey[] = [];
  #statement = "";
  #statementName = "";
  #generation = 0;

  constructor(
    private readonly sql: Sql,
    private readonly tables: Tables,
    private readonly desk: ClaimDesk | undefined,
    private readonly instance: string,
  ) {}

  async write(units: readonly Unit[]): Promise<BatchResult> {
    const rows = new Map<PartKey, Row[]>();
    const reserved: Reserved[] = [];
    const woken = new Set<string>();
    units.forEach((unit, ix) => {
      this.#collect(rows, unit, ix, reserved, woken);
    });
    try {
      this.#shapeFor(rows.keys());
      const values = [
        JSON.stringify(units.map(unitRow)),
        ...this.#shape.map((key) => JSON.stringify(rows.get(key) ?? [])),
      ];
      await this.sql.query(this.#statement, values, this.#statementName);
    } catch (error) {
      for (const { message, token } of reserved) this.desk?.cancel(message.queue, token);
      if (error instanceof RefusedError) return { result: "refused", refusals: refusalsOf(error) };
      throw error;
    }
    for (const { message, token } of reserved) this.desk?.deliver(message, token);
    if (woken.size > 0) this.desk?.wake(woken);
    return { result: "committed" };
  }

  async committedOwners(units: readonly Unit[]): Promise<ReadonlySet<string>> {
    const keys = units.flatMap(({ journal }) => (journal ? [journal] : []));
    const rows = await this.sql.query<{ owner: string }>(
      `select j.owner from json_to_recordset($1::json) as r(day date, run uuid, hop int, step int)
       join core.journal j on j.run_day = r.day and j.run_id = r.run and j.hop = r.hop and j.step = r.step`,
      [JSON.stringify(keys.map(({ runDay: day, runId: run, hop, step }) => ({ day, run, hop, step })))],
    );
    return new Set(rows.map(({ owner }) => owner));
  }

  #collect(
    rows: Map<PartKey, Row[]>,
    unit: Unit,
    ix: number,
    reserved: Reserved[],
    woken: Set<string>,
  ): void {
    const add = (key: PartKey, row: Row): void => {
      const list = rows.get(key);
      if (list) list.push(row);
      else rows.set(key, [row]);
    };
    for (const write of unit.writes) {
      const [key, row] = this.#writeRow(write, ix);
      add(key, row);
    }
    for (const message of unit.publish) {
      const token = message.claim === true ? this.desk?.reserve(message.queue) : undefined;
      if (token === undefined) woken.add(message.queue);
      else reserved.push({ message, token });
      add(publishKey, messageRow(message, token, this.instance));
    }
  }

  #rowNumber = 0;

  #writeRow(write: Write, ix: number): readonly [PartKey, Row] {
    if (write.kind === "insert") {
      const spec = this.tables.get(write.table);
      // Always every column: one shape per table, whatever an atom leaves out.
      return [
        insertKey(write.table, Object.keys(spec.columns), write.exists),
        { ix, ...snakeRow("", write.row) },
      ];
    }
    const set = Object.keys(write.set ?? {}).sort();
    const match = Object.keys(write.match ?? {}).sort();
    return [
      transitionKey(write.table, set, match),
      {
        ix,
        row: this.#rowNumber++,
        from_status: write.from,
        to_status: write.to,
        ...snakeRow("k_", write.key),
        ...snakeRow("s_", write.set ?? {}),
        ...snakeRow("m_", write.match ?? {}),
      },
    ];
  }

  #shapeFor(keys: Iterable<PartKey>): void {
    const missing = [...keys].filter((key) => !this.#shape.includes(key));
    if (missing.length === 0 && this.#statement !== "") return;
    const grown = this.#shape.length + missing.length > partsMax ? [...keys] : [...this.#shape, ...missing];
    this.#shape = grown;
    this.#statement = commitStatement(this.#shape, this.tables);
    this.#statementName = `commit-${this.#generation++}`;
  }
}

const snakeCache = new Map<string, string>();
function snakeRow(prefix: string, row: Row): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(row)) {
    const cached = snakeCache.get(prefix + name) ?? prefix + snake(name);
    snakeCache.set(prefix + name, cached);
    result[cached] = row[name];
  }
  return result;
}

const unitRow = ({ message, journal }: Unit, ix: number): Row => ({
  ix,
  ...(message
    ? { message_id: message.held.messageId, token: message.held.token, consume: message.consume }
    : {}),
  ...(journal
    ? {
        run_day: journal.runDay,
        run_id: journal.runId,
        hop: journal.hop,
        step: journal.step,
        kind: journal.kind,
        stage: journal.stage,
        outcome: journal.outcome,
        data: journal.data,
        owner: journal.owner,
        send_window_ms: journal.sendWindowMs,
      }
    : {}),
});

const refusalsOf = (error: RefusedError): readonly Refusal[] =>
  (JSON.parse(error.refusals) as readonly { ix: number; gate: Refusal["gate"]; tbl: string | null }[]).map(
    ({ ix, gate, tbl }) => ({ index: ix, gate, ...(tbl === null ? {} : { table: tbl }) }),
  );
