/**
 * Sends what was committed. A publication is `waiting` -> `sending` -> confirmed and forgotten; one that fails waits
 * again. Sends are pipelined: none waits for another's confirmation. Confirmed ones leave the outbox in batches; a
 * process that dies before that leaves rows that are sent a second time, which the fence of the journal makes
 * harmless.
 *
 * Memory is bounded: what is committed beyond `keptMax` stays in the outbox alone, and the collector brings it back
 * when there is room.
 */
import { invariant, limits } from "../limits.js";
import type { Broker, Publication } from "../ports/broker.js";
import type { Clock } from "../ports/clock.js";
import type { Outbox } from "../ports/outbox.js";
import type { Telemetry } from "../ports/telemetry.js";

/** Unconfirmed sends at a time; what the broker cannot take any faster waits here, not in its socket buffer. */
const sendingMax = 1_000;
/** How long confirmed publications are collected before their rows go. Milliseconds. */
const gatherMs = 50;
const goneMax = 1_000;
/** Unsent publications kept in memory. A bridge, which has no collector, stops accepting long before. */
const keptMax = 20_000;
invariant(keptMax >= 2 * limits.unsentMax, "a process without a collector never leaves anything to it");
/** After a failed send. The broker's own reconnect decides how long it really takes. Milliseconds. */
const retryMs = 200;

export class Sender {
  readonly #waiting = new Map<string, Publication>();
  readonly #sending = new Set<string>();
  /** Confirmed; their rows are still in the outbox. */
  readonly #gone = new Set<string>();
  #left = false;
  #removing: Promise<void> | undefined;
  #retryCancel: (() => void) | undefined;
  #closed = false;

  constructor(
    private readonly broker: Broker,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {
    broker.on(({ kind }) => {
      if (kind === "connected") this.#pump();
    });
  }

  /** Committed and not confirmed, as far as this process knows. */
  get unsent(): number {
    return this.#waiting.size + this.#sending.size;
  }

  knows(publicationId: string): boolean {
    return (
      this.#waiting.has(publicationId) || this.#sending.has(publicationId) || this.#gone.has(publicationId)
    );
  }

  /** False: the outbox is a better place for more. */
  get hasRoom(): boolean {
    return this.unsent < keptMax / 2;
  }

  /** True once after something was left to the outbox. */
  takeLeft(): boolean {
    const left = this.#left;
    this.#left = false;
    return left;
  }

  /** Those it knows already are under way; those there is no room for are left to the outbox. */
  send(publications: readonly Publication[]): void {
    for (const publication of publications) {
      if (this.knows(publication.publicationId)) continue;
      if (this.unsent >= keptMax) this.#left = true;
      else this.#waiting.set(publication.publicationId, publication);
    }
    this.#pump();
  }

  /** Waits until everything is confirmed and gone from the outbox, up to `deadlineMs`; the rest is the sweep's. */
  async close(deadlineMs: number): Promise<void> {
    const giveUpAtMs = this.clock.monotonicMs() + deadlineMs;
    while (this.unsent > 0 && this.broker.connected && this.clock.monotonicMs() < giveUpAtMs)
      await new Promise<void>((resolve) => void this.clock.after(10, resolve));
    this.#closed = true;
    this.#retryCancel?.();
    await this.#removing;
    while (await this.#remove());
  }

  #pump(): void {
    if (this.#closed || !this.broker.connected) return;
    for (const [id, publication] of this.#waiting) {
      if (this.#sending.size >= sendingMax) return;
      this.#waiting.delete(id);
      this.#sending.add(id);
      void this.#sendOne(publication);
    }
  }

  async #sendOne(publication: Publication): Promise<void> {
    const { publicationId } = publication;
    try {
      await this.broker.send(publication);
      this.#gone.add(publicationId);
      this.#removing ??= this.#removeSoon();
    } catch (error) {
      this.#waiting.set(publicationId, publication);
      this.#retryLater(error);
    } finally {
      this.#sending.delete(publicationId);
    }
    if (this.#retryCancel === undefined) this.#pump();
  }

  #retryLater(error: unknown): void {
    if (this.#retryCancel || this.#closed) return;
    this.telemetry.log("warn", { event: "send.failed", waiting: this.#waiting.size, detail: String(error) });
    this.#retryCancel = this.clock.after(retryMs, () => {
      this.#retryCancel = undefined;
      this.#pump();
    });
  }

  async #removeSoon(): Promise<void> {
    while (this.#gone.size > 0 && !this.#closed) {
      if (this.#gone.size < goneMax)
        await new Promise<void>((resolve) => void this.clock.after(gatherMs, resolve));
      await this.#remove();
    }
    this.#removing = undefined;
  }

  /** @returns true when there are more */
  async #remove(): Promise<boolean> {
    const ids = [...this.#gone].slice(0, goneMax);
    if (ids.length === 0) return false;
    try {
      await this.outbox.confirmed(ids);
    } catch (error) {
      // They stay in the outbox and in memory: gone at the next round, or sent again after this process died.
      this.telemetry.log("debug", { event: "outbox.kept", count: ids.length, detail: String(error) });
      return false;
    }
    for (const id of ids) this.#gone.delete(id);
    return this.#gone.size > 0;
  }
}
