/**
 * Whether a process lives, and the ports of one that does. A dead process does nothing any more: what it waits for
 * never comes. A stalled one (a long garbage collection, a machine that swaps) does nothing until it goes on, and
 * does not know how long that was.
 */
import type { Clock } from "../../engine/ports/clock.js";

export class Liveness {
  #dead = false;
  #goesOn: Promise<void> | undefined;
  #go: () => void = () => undefined;

  get dead(): boolean {
    return this.#dead;
  }

  get stalled(): boolean {
    return this.#goesOn !== undefined;
  }

  die(): void {
    this.#dead = true;
  }

  stall(): void {
    this.#goesOn ??= new Promise((resolve) => (this.#go = resolve));
  }

  goOn(): void {
    this.#goesOn = undefined;
    this.#go();
  }

  /** Resolves when the process does something again; undefined: now. */
  get turn(): Promise<void> | undefined {
    return this.#dead ? new Promise(() => undefined) : this.#goesOn;
  }

  /** A call into the world and back: neither the question nor the answer passes a process that stands still. */
  async pass<T>(call: () => T | Promise<T>): Promise<T> {
    for (let turn = this.turn; turn; turn = this.turn) await turn;
    try {
      return await call();
    } finally {
      for (let turn = this.turn; turn; turn = this.turn) await turn;
    }
  }

  /** The port as the process sees it: methods of the prototype that are named here pass as calls. */
  port<T extends object>(port: T, methods: ReadonlySet<string>): T {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        if (typeof name !== "string" || !methods.has(name))
          return (...args: readonly unknown[]): unknown =>
            this.#dead ? undefined : Reflect.apply(member, target, args);
        return (...args: readonly unknown[]): unknown =>
          this.pass(() => Reflect.apply(member, target, args) as unknown);
      },
    });
  }
}

/** The clock of one process: its wall clock is off by `skewMs`, and nothing rings where nobody lives. */
export class ProcessClock implements Clock {
  constructor(
    private readonly clock: Clock,
    private readonly liveness: Liveness,
    private readonly skewMs: number,
  ) {}

  nowMs(): number {
    return this.clock.nowMs() + this.skewMs;
  }

  monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  after(delayMs: number, callback: () => void): () => void {
    let cancelled = false;
    const ring = async (): Promise<void> => {
      for (let turn = this.liveness.turn; turn; turn = this.liveness.turn) await turn;
      if (!cancelled) callback();
    };
    const cancel = this.clock.after(delayMs, () => {
      if (this.liveness.turn) void ring();
      else callback();
    });
    return () => {
      cancelled = true;
      cancel();
    };
  }
}
