/** Writes one batch of units as one statement. */
import type { CommitDesk } from "../../../engine/ports/bus.js";
import type { BatchResult, BatchWriter, Refusal, Unit, Write } from "../../../engine/ports/store.js";
import type { Sql } from "./database.js";
import { RefusedError } from "./failure.js";
import { encoded } from "./record-set.js";
import { Shapes } from "./shapes.js";
import {
  fenceKey,
  type FenceRow,
  insertKey,
  type InsertRow,
  joined,
  type PartKey,
  transitionKey,
  type TransitionRow,
} from "./statement.js";
import { Claimed, Relayed } from "./commit-messages.js";
import type { Tables } from "./tables.js";

export class PostgresBatchWriter implements BatchWriter {
  readonly #shapes: Shapes;

  constructor(
    private readonly sql: Sql,
    private readonly tables: Tables,
    private readonly desk: CommitDesk | undefined,
    private readonly instance: string,
  ) {
    this.#shapes = new Shapes(tables);
  }

  async write(units: readonly Unit[]): Promise<BatchResult> {
    const rows = new Map<PartKey, object[]>();
    const messages =
      this.desk?.kind === "relay"
        ? new Relayed(this.desk, this.instance)
        : new Claimed(this.desk, this.instance);
    try {
      units.forEach((unit, ix) => {
        this.#collect(rows, unit, ix, messages);
      });
      if (rows.size > 0) await this.#execute(rows);
    } catch (error) {
      messages.failed();
      if (!(error instanceof RefusedError)) throw error;
      return { result: "refused", refusals: refusalsOf(error) };
    }
    messages.committed();
    return { result: "committed" };
  }

  async committedOwners(units: readonly Unit[]): Promise<ReadonlySet<string>> {
    const keys = units.flatMap(({ journal = [] }) => journal);
    const rows = await this.sql.query<{ owner: string }>(
      `select j.owner from json_to_recordset($1::json) as r(day date, run uuid, hop int, point int)
       join core.journal j on ${joined("j.run_day", "r.day")} and ${joined("j.run_id", "r.run")}
         and j.hop = r.hop and j.point = r.point`,
      [JSON.stringify(keys.map(({ runDay: day, runId: run, hop, point }) => ({ day, run, hop, point })))],
    );
    return new Set(rows.map(({ owner }) => owner));
  }

  async #execute(rows: ReadonlyMap<PartKey, readonly object[]>): Promise<void> {
    const shape = this.#shapes.for([...rows.keys()]);
    const values = shape.parts.flatMap((key, index) =>
      encoded(shape.recordSets[index] ?? [], rows.get(key) ?? []),
    );
    await this.sql.query(shape.text, values, shape.name);
    this.#shapes.keep(shape);
  }

  #collect(rows: Map<PartKey, object[]>, unit: Unit, ix: number, messages: Claimed | Relayed): void {
    const add = (key: PartKey, row: object): void => {
      const list = rows.get(key);
      if (list) list.push(row);
      else rows.set(key, [row]);
    };
    if (unit.message) messages.settle(unit.message, ix, add);
    for (const entry of unit.journal ?? []) add(fenceKey, { ix, entry } satisfies FenceRow);
    for (const write of unit.writes) {
      if (write.kind === "insert") add(this.#insertKeyOf(write), { ix, row: write.row } satisfies InsertRow);
      else add(this.#transitionKeyOf(write), { ix, number: this.#moves++, write } satisfies TransitionRow);
    }
    for (const message of unit.publish) messages.publish(message, add);
  }

  #moves = 0;
  /** Part keys are long; most writes are like one before. */
  readonly #partKeys = new Map<string, PartKey>();

  /** Always every column: one shape per table, whatever an atom leaves out. */
  #insertKeyOf({ table, exists }: Extract<Write, { readonly kind: "insert" }>): PartKey {
    return this.#partKey(`${table} ${exists}`, () =>
      insertKey(table, Object.keys(this.tables.get(table).columns), exists),
    );
  }

  #transitionKeyOf({
    table,
    set = {},
    match = {},
  }: Extract<Write, { readonly kind: "transition" }>): PartKey {
    const [setNames, matchNames] = [Object.keys(set), Object.keys(match)];
    return this.#partKey(`${table} ${setNames.join()} ${matchNames.join()}`, () =>
      transitionKey(table, setNames.sort(), matchNames.sort()),
    );
  }

  #partKey(like: string, make: () => PartKey): PartKey {
    let key = this.#partKeys.get(like);
    if (key === undefined) this.#partKeys.set(like, (key = make()));
    return key;
  }
}

const refusalsOf = (error: RefusedError): readonly Refusal[] =>
  (JSON.parse(error.refusals) as readonly { ix: number; gate: Refusal["gate"]; tbl: string | null }[]).map(
    ({ ix, gate, tbl }) => ({ index: ix, gate, ...(tbl === null ? {} : { table: tbl }) }),
  );
