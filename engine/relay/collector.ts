/**
 * Looks for what nobody is about to send: delayed publications whose time has come, what a dead process left in the
 * outbox, and, less often, this process's own rows that it lost sight of. Any number of processes may look: a row is
 * taken by one of them.
 */
import type { Clock } from "../ports/clock.js";
import type { Outbox, TakenPublication } from "../ports/outbox.js";
import type { Telemetry } from "../ports/telemetry.js";

const takenMax = 500;
/** Every so many rounds its own rows are looked through, too. */
const ownEvery = 20;

export interface CollectorOptions {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** How often. Milliseconds; a delayed message is late by as much. */
  readonly everyMs: number;
  readonly isKnown: (publicationId: string) => boolean;
  /** True: something of its own was left in the outbox since it was asked last. */
  readonly hasLeft: () => boolean;
  /** False: there is no point in taking anything (more) now. */
  readonly ready: () => boolean;
  readonly take: (taken: readonly TakenPublication[]) => void;
}

export class Collector {
  #cancel: () => void = () => undefined;
  #running = false;
  #round = 0;
  /** Something of its own is known to be in the outbox only. */
  #behind = false;
  #looking: Promise<void> | undefined;

  constructor(private readonly options: CollectorOptions) {}

  start(): void {
    this.#running = true;
    this.#later(this.options.everyMs);
  }

  /** Looks now: something is known to be due. One that was never started leaves it to other processes. */
  soon(): void {
    if (!this.#running) return;
    this.#cancel();
    this.#look();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancel();
    await this.#looking;
  }

  #later(delayMs: number): void {
    if (!this.#running) return;
    this.#cancel = this.options.clock.after(delayMs, () => {
      this.#look();
    });
  }

  #look(): void {
    this.#looking ??= this.#collect().finally(() => {
      this.#looking = undefined;
      this.#later(this.options.everyMs);
    });
  }

  async #collect(): Promise<void> {
    const { outbox, telemetry, ready, take, isKnown, hasLeft } = this.options;
    if (!ready()) return;
    this.#behind = hasLeft() || this.#behind;
    const withOwn = this.#behind || this.#round % ownEvery === 0;
    this.#round++;
    try {
      // As long as there is room for more: what is taken is kept in memory until the broker has it.
      while (this.#running && ready()) {
        const taken = await outbox.takeDue(takenMax, withOwn ? isKnown : undefined);
        take(taken);
        if (taken.length === 0 && withOwn) this.#behind = false;
        if (taken.length < takenMax) return;
      }
    } catch (error) {
      telemetry.log("debug", { event: "outbox.unread", detail: String(error) });
    }
  }
}
