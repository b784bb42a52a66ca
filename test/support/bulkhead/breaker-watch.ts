/** When a channel's breaker moved, as its metric tells whoever scrapes its process. */

/** What `valence_channel_breaker` means by its values. */
const states = ["closed", "half-open", "open"] as const;
type BreakerState = (typeof states)[number];

const lookEveryMs = 50;

export interface BreakerChange {
  readonly state: BreakerState;
  /** Monotonic milliseconds; late by at most a look. */
  readonly atMs: number;
}

export class BreakerWatch {
  /** The first entry is what it was at the start. */
  readonly changes: BreakerChange[] = [];
  #stopped = false;
  readonly #looking: Promise<void>;

  /** `metricsUrl` of a process with one channel. */
  constructor(private readonly metricsUrl: string) {
    this.#looking = this.#look();
  }

  /** @throws Error when the metric was not there, or the process did not answer */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#looking;
  }

  /** Since when it has been in the state, after `sinceMs`; undefined: it has not come to that. */
  after(sinceMs: number, state: BreakerState): number | undefined {
    return this.changes.find((change) => change.atMs >= sinceMs && change.state === state)?.atMs;
  }

  async #look(): Promise<void> {
    while (!this.#stopped) {
      const text = await (await fetch(this.metricsUrl)).text();
      const value = /^valence_channel_breaker\{[^}]*\} (\d)$/m.exec(text)?.[1];
      const state = states[Number(value)];
      if (!state) throw new Error(`${this.metricsUrl} does not tell the breaker`);
      if (this.changes.at(-1)?.state !== state) this.changes.push({ state, atMs: performance.now() });
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }
}
