/** The outbox of several processes in memory, with a database that can be away. */
import type { Browsed, Outgoing } from "../../../engine/ports/bus.js";
import type { Clock } from "../../../engine/ports/clock.js";
import type { Outbox, TakenPublication } from "../../../engine/ports/outbox.js";
import { publicationOf } from "../../../engine/relay/relayed-bus.js";

interface OutboxRow {
  readonly outgoing: Outgoing;
  readonly dueAtMs: number;
  owner: string | undefined;
}

/** What all processes share: the tables. */
export class OutboxTables {
  readonly rows = new Map<string, OutboxRow>();
  readonly beginnings = new Map<string, number>();
  readonly used = new Set<string>();
  readonly alive = new Set<string>();
  away = false;

  constructor(readonly clock: Clock) {}
}

export class MemoryOutbox implements Outbox {
  /** Sizes of the batches that were confirmed. */
  readonly batches: number[] = [];
  /** Message ids whose beginnings were counted, in order. */
  readonly counted: string[] = [];
  /** Ends every question while set: the database takes its time. */
  gate: Promise<void> = Promise.resolve();

  constructor(
    private readonly tables: OutboxTables,
    private readonly instance: string,
  ) {
    tables.alive.add(instance);
  }

  async #reach(): Promise<OutboxTables> {
    await this.gate;
    if (this.tables.away) throw new Error("the database is away");
    return this.tables;
  }

  async add(outgoing: readonly Outgoing[]): Promise<void> {
    const { rows, clock } = await this.#reach();
    for (const each of outgoing) {
      const delayMs = each.message.delayMs ?? 0;
      rows.set(each.publicationId, {
        outgoing: each,
        dueAtMs: clock.nowMs() + delayMs,
        owner: delayMs > 0 ? undefined : this.instance,
      });
    }
  }

  async confirmed(publicationIds: readonly string[]): Promise<void> {
    const { rows } = await this.#reach();
    this.batches.push(publicationIds.length);
    for (const id of publicationIds) rows.delete(id);
  }

  async takeDue(
    limit: number,
    knownOwn?: (publicationId: string) => boolean,
  ): Promise<readonly TakenPublication[]> {
    const { rows, alive, clock } = await this.#reach();
    const due = [...rows.values()].filter(({ dueAtMs, owner, outgoing: { publicationId } }) => {
      if (dueAtMs > clock.nowMs()) return false;
      if (owner === this.instance) return knownOwn?.(publicationId) === false;
      return owner === undefined || !alive.has(owner);
    });
    return due.slice(0, limit).map((row) => {
      row.owner = this.instance;
      const { outgoing, dueAtMs } = row;
      const { queue, priority = "normal" } = outgoing.message;
      return { publication: { ...publicationOf(outgoing, dueAtMs), queue }, priority };
    });
  }

  async depths(): Promise<readonly { queue: string; unsent: number; delayed: number }[]> {
    await this.#reach();
    return [];
  }

  async browse(): Promise<readonly Browsed[]> {
    await this.#reach();
    return [];
  }

  async suspicion(messageId: string): Promise<number> {
    return (await this.#reach()).beginnings.get(messageId) ?? 0;
  }

  async suspect(messageId: string): Promise<void> {
    const { beginnings } = await this.#reach();
    this.counted.push(messageId);
    beginnings.set(messageId, (beginnings.get(messageId) ?? 0) + 1);
  }

  async cleared(messageIds: readonly string[]): Promise<void> {
    const { beginnings } = await this.#reach();
    for (const messageId of messageIds) beginnings.delete(messageId);
  }

  async use(queues: readonly string[]): Promise<void> {
    const { used } = await this.#reach();
    for (const queue of queues) used.add(queue);
  }

  async queues(): Promise<readonly string[]> {
    return [...(await this.#reach()).used];
  }
}
