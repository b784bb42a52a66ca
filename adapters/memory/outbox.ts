/** The outbox port over the rows in memory. */
import { limits } from "../../engine/limits.js";
import type { Browsed, Outgoing } from "../../engine/ports/bus.js";
import type { Outbox, TakenPublication } from "../../engine/ports/outbox.js";
import type { Row } from "../../engine/ports/store.js";
import { publicationOf } from "../../engine/relay/relayed-bus.js";
import { runMessageId } from "../../engine/runtime/message.js";
import type { MemoryDatabase } from "./database.js";
import type { OutboxRow } from "./outbox-tables.js";

/** Its own publications are looked for among those this old only: younger ones are still on their way to memory. */
const orphanAgeMs = 5_000;

export class MemoryOutbox implements Outbox {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly instance: string,
  ) {}

  async add(outgoing: readonly Outgoing[]): Promise<void> {
    this.database.reachable();
    for (const each of outgoing) this.database.outbox.add(each, this.instance);
  }

  async confirmed(publicationIds: readonly string[]): Promise<void> {
    this.database.reachable();
    for (const id of publicationIds) this.database.outbox.rows.delete(id);
  }

  async takeDue(
    limit: number,
    knownOwn?: (publicationId: string) => boolean,
  ): Promise<readonly TakenPublication[]> {
    this.database.reachable();
    const taken: OutboxRow[] = [];
    for (const row of this.database.outbox.rows.values())
      if (this.#isDue(row, knownOwn)) {
        row.owner = this.instance;
        taken.push(row);
      }
    return taken
      .sort((a, b) => a.dueAtMs - b.dueAtMs)
      .slice(0, limit)
      .map(({ outgoing, dueAtMs }) => {
        const { queue, priority = "normal" } = outgoing.message;
        return { publication: { ...publicationOf(outgoing, dueAtMs), queue }, priority };
      });
  }

  #isDue({ dueAtMs, owner, outgoing }: OutboxRow, knownOwn: ((id: string) => boolean) | undefined): boolean {
    const nowMs = this.database.clock.nowMs();
    if (dueAtMs > nowMs) return false;
    if (owner === undefined) return true;
    if (owner === this.instance)
      return dueAtMs < nowMs - orphanAgeMs && knownOwn?.(outgoing.publicationId) === false;
    return (this.database.beats.get(owner) ?? -Infinity) <= nowMs - limits.moduleLostMs;
  }

  async depths(): Promise<readonly { queue: string; unsent: number; delayed: number }[]> {
    this.database.reachable();
    const nowMs = this.database.clock.nowMs();
    const depths = new Map<string, { queue: string; unsent: number; delayed: number }>();
    for (const { outgoing, dueAtMs } of this.database.outbox.rows.values()) {
      const { queue } = outgoing.message;
      const depth = depths.get(queue) ?? { queue, unsent: 0, delayed: 0 };
      depths.set(queue, depth);
      if (dueAtMs > nowMs) depth.delayed++;
      else depth.unsent++;
    }
    return [...depths.values()];
  }

  async browse(queue: string, limit: number): Promise<readonly Browsed[]> {
    this.database.reachable();
    const nowMs = this.database.clock.nowMs();
    const kept = [...this.database.outbox.rows.values()]
      .filter(({ outgoing }) => outgoing.message.queue === queue)
      .map(({ outgoing, dueAtMs }): Browsed => {
        const { messageId, type, body } = outgoing.message;
        const state = dueAtMs > nowMs ? "delayed" : "unsent";
        return { messageId, queue, type, body, state, atMs: dueAtMs, deliveries: outgoing.deliveryCount };
      });
    const known = new Set(kept.map(({ messageId }) => messageId));
    return [...kept, ...this.#sent(queue).filter(({ messageId }) => !known.has(messageId))].slice(0, limit);
  }

  /** An open run is carried by a message; its last ended hop names the queue it was sent to. */
  #sent(queue: string): readonly Browsed[] {
    return [...this.database.indexes.openRuns].flatMap((runId): readonly Browsed[] => {
      const last = this.database.journalOf(runId).toSorted((a, b) => b.hop - a.hop || b.point - a.point)[0];
      const message = last?.data["message"] as { readonly queue: string; readonly body: Row } | undefined;
      if (last?.kind !== "end" || message?.queue !== queue) return [];
      const { body } = message;
      const messageId = runMessageId(String(body["runId"]), Number(body["hop"]));
      return [{ messageId, queue, type: "run", state: "journal", deliveries: 0, atMs: last.atMs, body }];
    });
  }

  async suspicion(messageId: string): Promise<number> {
    this.database.reachable();
    return this.database.outbox.beginnings.get(messageId) ?? 0;
  }

  async suspect(messageId: string): Promise<void> {
    const before = await this.suspicion(messageId);
    this.database.outbox.beginnings.set(messageId, before + 1);
  }

  async cleared(messageIds: readonly string[]): Promise<void> {
    this.database.reachable();
    for (const messageId of messageIds) this.database.outbox.beginnings.delete(messageId);
  }

  async use(queues: readonly string[]): Promise<void> {
    this.database.reachable();
    for (const queue of queues) this.database.outbox.queues.add(queue);
  }

  async queues(): Promise<readonly string[]> {
    return [...this.database.outbox.queues].sort();
  }
}
