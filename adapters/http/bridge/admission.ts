/**
 * Who may come in. A request holds one slot from when its body is there until its answer is written *and* its handler
 * is done: a client that hangs up does not make room while its commit is still under way, and one that sends slowly,
 * known or not, takes no room from others.
 */
import { refuse } from "../answer.js";

export interface Slot {
  /** Runs the handler inside the slot. */
  work<T>(handler: () => Promise<T>): Promise<T>;
  /** The answer was written, or the client is gone. */
  closed(): void;
}

export class Admission {
  private inFlight = 0;
  private stopping = false;
  private readonly idleListeners: (() => void)[] = [];

  constructor(private readonly inFlightMax: number) {}

  /** @throws Refusal `shutting_down` or `overloaded`. */
  check(): void {
    if (this.stopping) throw refuse("shutting_down", "This instance is stopping; send the request again.");
    if (this.inFlight >= this.inFlightMax)
      throw refuse("overloaded", "Too many requests are in work; nothing was accepted.");
  }

  /** @throws Refusal `shutting_down` or `overloaded`. */
  enter(): Slot {
    this.check();
    this.inFlight += 1;
    let working = false;
    let closed = false;
    const leaveIfDone = (): void => {
      if (closed && !working) this.leave();
    };
    return {
      work: async (handler) => {
        working = true;
        try {
          return await handler();
        } finally {
          working = false;
          leaveIfDone();
        }
      },
      closed: () => {
        if (closed) return;
        closed = true;
        leaveIfDone();
      },
    };
  }

  /** From now on new work is refused. */
  stop(): void {
    this.stopping = true;
  }

  get stopped(): boolean {
    return this.stopping;
  }

  /** Resolves when no slot is held. */
  idle(): Promise<void> {
    return this.inFlight === 0
      ? Promise.resolve()
      : new Promise((resolve) => void this.idleListeners.push(resolve));
  }

  private leave(): void {
    this.inFlight -= 1;
    if (this.inFlight === 0) for (const resolve of this.idleListeners.splice(0)) resolve();
  }
}
