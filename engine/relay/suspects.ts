/**
 * A message that comes again after its process died may be the one that killed it. Its first repetition runs beside
 * all others; from the second on such messages run one at a time, so that of all that died together only the guilty
 * one goes on counting towards the dead letters.
 *
 * A beginning is counted right before the work, durably: what was only handed over, or given back by a consumer that
 * pauses, is held against nobody. There is one line for the whole process: its modules die together.
 */
import type { Outbox } from "../ports/outbox.js";
import type { HeldMessage } from "./held.js";

export class Suspects {
  /** Waiting for their turn, and what starts them. */
  readonly #line = new Map<HeldMessage, () => void>();
  #alone: HeldMessage | undefined;
  /** Settled, and not known to be cleared in the outbox yet. */
  readonly #settled = new Set<string>();
  #clearing = false;

  constructor(private readonly outbox: Outbox) {}

  /**
   * Adds to the count of a message that came again: the delivery that ended unseen and the beginnings since.
   * @returns true when it is to be worked on alone
   */
  async examine(held: HeldMessage): Promise<boolean> {
    const beginnings = await this.outbox.suspicion(held.messageId);
    held.deliveryCount += 1 + beginnings;
    return beginnings > 0;
  }

  /** Joins the line. `start` is called when its turn has come, which lasts until it leaves. */
  enter(held: HeldMessage, start: () => void): void {
    this.#line.set(held, start);
    this.#next();
  }

  /** Its work has ended, or is not to be done here. Those who never entered may leave, too. */
  leave(held: HeldMessage): void {
    this.#line.delete(held);
    if (this.#alone !== held) return;
    this.#alone = undefined;
    this.#next();
  }

  /** Counted when it resolves: work may begin. */
  begin(held: HeldMessage): Promise<void> {
    return this.outbox.suspect(held.messageId);
  }

  /** They are settled: nothing is held against them any more. */
  settled(messageIds: readonly string[]): void {
    for (const messageId of messageIds) this.#settled.add(messageId);
    if (messageIds.length > 0 && !this.#clearing) void this.#clear();
  }

  /** What cannot be cleared now is cleared together with the next ones. */
  async #clear(): Promise<void> {
    this.#clearing = true;
    try {
      while (this.#settled.size > 0) {
        const messageIds = [...this.#settled];
        await this.outbox.cleared(messageIds);
        for (const messageId of messageIds) this.#settled.delete(messageId);
      }
    } catch {
      // The database is away: kept.
    } finally {
      this.#clearing = false;
    }
  }

  #next(): void {
    if (this.#alone) return;
    const [first] = this.#line;
    if (!first) return;
    const [held, start] = first;
    this.#line.delete(held);
    this.#alone = held;
    start();
  }
}
