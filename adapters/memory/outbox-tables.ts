/** The rows behind the outbox of a broker that stands beside the database. */
import type { Outgoing } from "../../engine/ports/bus.js";
import type { Clock } from "../../engine/ports/clock.js";
import { asJson } from "./json.js";

export interface OutboxRow {
  readonly outgoing: Outgoing;
  /** Epoch milliseconds. */
  dueAtMs: number;
  /** The process that sends it; undefined: whoever looks first. */
  owner: string | undefined;
}

export class OutboxTables {
  readonly rows = new Map<string, OutboxRow>();
  /** How often work on a message began again after it ended without an answer. */
  readonly beginnings = new Map<string, number>();
  readonly queues = new Set<string>();

  constructor(private readonly clock: Clock) {}

  /** Without delay it is its process's to send; one that waits is anybody's. */
  add(outgoing: Outgoing, instance: string): void {
    const delayMs = outgoing.message.delayMs ?? 0;
    this.rows.set(outgoing.publicationId, {
      outgoing: { ...outgoing, message: { ...outgoing.message, body: asJson(outgoing.message.body) } },
      dueAtMs: this.clock.nowMs() + delayMs,
      owner: delayMs > 0 ? undefined : instance,
    });
  }

  /** A dead letter that rises: whoever looks first sends it. */
  rise(outgoing: Outgoing): void {
    this.rows.set(outgoing.publicationId, { outgoing, dueAtMs: this.clock.nowMs(), owner: undefined });
  }
}
