/**
 * One look per second for everybody who watches, none while nobody does. A watcher who does not take what he is sent is
 * dropped: what piles up for him is memory of the process that may be moving money, too.
 */
import type { Clock } from "../../../engine/ports/clock.js";
import type { Telemetry } from "../../../engine/ports/telemetry.js";
import type { LiveLook, ThroughputServices } from "./throughput-services.js";

/** From the end of one look to the next. Milliseconds. */
const lookMs = 1_000;
/** A look that takes long is repeated less often: at most this share of the time is spent looking. */
const lookingShareMax = 0.2;
/** How often a watcher is shown that the connection lives, also while nothing can be seen. Milliseconds. */
const commentMs = 10_000;
/** What may wait for a slow watcher: some seconds' worth. */
const bufferedBytesMax = 512 * 1024;

export interface Watcher {
  send(text: string): void;
  /** Sent and not taken yet. */
  readonly bufferedBytes: number;
  /** Called once, by the stream. */
  end(): void;
}

export interface LiveStreamOptions {
  readonly services: Pick<ThroughputServices, "hello" | "look">;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "log">;
  /** Watchers at the same time. */
  readonly watchersMax?: number;
}

/** An event as it stands in the stream (WHATWG HTML, 9.2.6). */
const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const comment = ": still here\n\n";

export class LiveStream {
  readonly #watchers = new Set<Watcher>();
  #cancelLook: (() => void) | undefined;
  #cancelComment: () => void = () => undefined;
  /** Of the last minute that everybody has been sent. */
  #sentToMs = 0;
  #failing = false;

  constructor(private readonly options: LiveStreamOptions) {}

  /** False: there are as many watchers as there may be. */
  get hasRoom(): boolean {
    return this.#watchers.size < (this.options.watchersMax ?? 64);
  }

  /** The result ends it from the watcher's side. */
  watch(watcher: Watcher): () => void {
    watcher.send(event("hello", this.options.services.hello));
    this.#watchers.add(watcher);
    // Who has just come knows nothing: the next tick is whole.
    this.#sentToMs = 0;
    if (this.#watchers.size === 1) this.#begin();
    return () => this.#leave(watcher);
  }

  #begin(): void {
    this.#lookAfter(0);
    this.#commentLater();
  }

  #leave(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
    this.#cancelLook?.();
    this.#cancelComment();
    this.#cancelLook = undefined;
  }

  #commentLater(): void {
    this.#cancelComment = this.options.clock.after(commentMs, () => {
      for (const watcher of this.#watchers) this.#send(watcher, comment);
      this.#commentLater();
    });
  }

  #lookAfter(delayMs: number): void {
    const cancel = this.options.clock.after(delayMs, () => {
      void this.#look().then((elapsedMs) => {
        // Everybody has left meanwhile, and perhaps somebody came back, for whom another look was begun.
        if (this.#cancelLook !== cancel) return;
        this.#lookAfter(Math.max(lookMs, elapsedMs * (1 / lookingShareMax - 1)));
      });
    });
    this.#cancelLook = cancel;
  }

  /** What cannot be seen is not sent: whoever watches sees that nothing comes. */
  async #look(): Promise<number> {
    const { services, clock, telemetry } = this.options;
    const startedMs = clock.monotonicMs();
    try {
      this.#sendAll(await services.look());
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) telemetry.log("warn", { event: "live.failed", detail: String(error) });
      this.#failing = true;
    }
    return clock.monotonicMs() - startedMs;
  }

  /** The last minute changes every five seconds, and is most of what there is to say. */
  #sendAll({ lastMinute, ...look }: LiveLook): void {
    const isNew = lastMinute.toMs !== this.#sentToMs;
    this.#sentToMs = lastMinute.toMs;
    const text = event("tick", isNew ? { ...look, lastMinute } : look);
    for (const watcher of this.#watchers) this.#send(watcher, text);
  }

  #send(watcher: Watcher, text: string): void {
    if (watcher.bufferedBytes > bufferedBytesMax) this.#drop(watcher);
    else watcher.send(text);
  }

  #drop(watcher: Watcher): void {
    this.options.telemetry.log("info", { event: "live.dropped", bufferedBytes: watcher.bufferedBytes });
    this.#leave(watcher);
    watcher.end();
  }
}
