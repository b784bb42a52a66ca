/**
 * The live stream of the admin API (server-sent events), kept open while somebody watches.
 *
 * `connecting` until the first event; `live` while events come; `stale` when the connection stands and says nothing;
 * `broken` when it is gone, until a new one is tried, each time after a longer pause. What was received last is kept:
 * whoever shows it also shows since when it has been old.
 */

export type LiveState = "off" | "connecting" | "live" | "stale" | "broken";

/** The names of events; `hello` comes first on every connection, `tick` once a second. */
export const eventNames = ["hello", "tick"] as const;
export type EventName = (typeof eventNames)[number];

export interface LiveStatus {
  readonly state: LiveState;
  /** When the newest event came; undefined before the first. */
  readonly asOfMs: number | undefined;
}

/** Without any event for so long, what is shown is old. The server sends one every second. */
const staleAfterMs = 5_000;
const retryMsMin = 1_000;
const retryMsMax = 30_000;

type Listener = (data: unknown) => void;

export class LiveStream {
  #status: LiveStatus = { state: "off", asOfMs: undefined };
  #latest: Partial<Record<EventName, unknown>> = {};
  #source: EventSource | undefined;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = retryMsMin;
  readonly #watchers = new Set<() => void>();
  readonly #listeners = new Map<EventName, Set<Listener>>();

  constructor(
    private readonly url: string,
    /** The connection was refused or lost; the session may have ended. */
    private readonly onBroken: () => void = () => undefined,
  ) {}

  start(): void {
    if (this.#source) return;
    window.addEventListener("online", this.#retryNow);
    this.#connect();
  }

  stop(): void {
    window.removeEventListener("online", this.#retryNow);
    clearTimeout(this.#retryTimer);
    this.#close();
    this.#become("off");
  }

  readonly status = (): LiveStatus => this.#status;
  readonly latest = (name: EventName): unknown => this.#latest[name];

  /** Told of every change of the status and of every event. Returns how to end it. */
  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  };

  /** Every single event, for those who collect. Returns how to end it. */
  listen(name: EventName, listener: Listener): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  #connect(): void {
    this.#become("connecting");
    const source = new EventSource(this.url);
    this.#source = source;
    source.onerror = () => this.#lost();
    for (const name of eventNames)
      source.addEventListener(name, (event: MessageEvent<string>) => this.#receive(name, event.data));
    this.#expectEvent();
  }

  #receive(name: EventName, text: string): void {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      // Half an event is no event: it counts for nothing, and the state becomes stale if that goes on.
      return;
    }
    this.#latest = { ...this.#latest, [name]: data };
    this.#retryMs = retryMsMin;
    this.#expectEvent();
    for (const listener of this.#listeners.get(name) ?? []) listener(data);
    this.#become("live", Date.now());
  }

  /** The browser's own reconnecting neither grows its pauses nor tells: we do it. */
  #lost(): void {
    this.#close();
    this.#become("broken");
    this.onBroken();
    this.#retryTimer = setTimeout(this.#retryNow, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, retryMsMax);
  }

  readonly #retryNow = (): void => {
    clearTimeout(this.#retryTimer);
    if (this.#source === undefined) this.#connect();
  };

  #close(): void {
    clearTimeout(this.#staleTimer);
    this.#source?.close();
    this.#source = undefined;
  }

  #expectEvent(): void {
    clearTimeout(this.#staleTimer);
    this.#staleTimer = setTimeout(() => this.#become("stale"), staleAfterMs);
  }

  #become(state: LiveState, asOfMs = this.#status.asOfMs): void {
    if (state === this.#status.state && asOfMs === this.#status.asOfMs) return;
    this.#status = { state, asOfMs };
    for (const watcher of this.#watchers) watcher();
  }
}
