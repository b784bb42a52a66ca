/**
 * Broadcast over LISTEN/NOTIFY, never inside a hot commit: what is said in a few milliseconds travels in one
 * notification of its own. Listeners of this process hear at once, without the database.
 */
import type { Clock } from "../../../engine/ports/clock.js";
import type { Telemetry } from "../../../engine/ports/telemetry.js";
import type { Database } from "../../store/postgres/database.js";

const channel = "valence";
/** PostgreSQL refuses payloads of 8000 bytes and more. */
const payloadBytesMax = 7_900;
/** How long things to say are collected. Milliseconds. */
const gatherMs = 2;

interface Said {
  readonly topic: string;
  readonly payload: unknown;
}

/** Every role that may connect may notify: what is not ours is not heard. */
function parse(text: string): { readonly from: string; readonly said: readonly Said[] } | undefined {
  try {
    const { from, said } = JSON.parse(text) as { from?: unknown; said?: unknown };
    return typeof from === "string" && Array.isArray(said) ? { from, said: said as Said[] } : undefined;
  } catch {
    return undefined;
  }
}

export class Broadcast {
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();
  #unsaid: string[] = [];
  #saying = false;
  #stopListening: (() => Promise<void>) | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly instance: string,
  ) {}

  async open(): Promise<void> {
    this.#stopListening = await this.database.listen(channel, (text) => {
      const heard = parse(text);
      if (heard && heard.from !== this.instance)
        for (const { topic, payload } of heard.said) this.#hear(topic, payload);
    });
  }

  on(topic: string, listener: (payload: unknown) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(topic, listeners);
    return () => listeners.delete(listener);
  }

  /** `onlyOne`: the topic belongs to one process; when that is this one, nobody else needs to hear. */
  say(topic: string, payload: unknown, onlyOne: boolean): void {
    const heardHere = this.#hear(topic, payload);
    if (this.database.embedded || (onlyOne && heardHere)) return;
    const text = JSON.stringify({ topic, payload });
    if (Buffer.byteLength(text) > payloadBytesMax - 100) {
      // Broadcasts are hints: a reply that does not fit becomes a 202 and the integrator reads the order.
      this.telemetry.log("debug", { event: "broadcast.dropped", topic, bytes: Buffer.byteLength(text) });
      return;
    }
    this.#unsaid.push(text);
    if (!this.#saying) void this.#sayAll();
  }

  async close(): Promise<void> {
    await this.#stopListening?.();
  }

  #hear(topic: string, payload: unknown): boolean {
    const listeners = this.#listeners.get(topic);
    for (const listener of listeners ?? []) {
      try {
        listener(payload);
      } catch (error) {
        // Who speaks may be in the middle of a commit: it is not to suffer from who listens.
        this.telemetry.log("warn", { event: "broadcast.listener-failed", topic, detail: String(error) });
      }
    }
    return (listeners?.size ?? 0) > 0;
  }

  async #sayAll(): Promise<void> {
    this.#saying = true;
    await new Promise<void>((resolve) => void this.clock.after(gatherMs, resolve));
    while (this.#unsaid.length > 0) {
      const text = `{"from":"${this.instance}","said":[${this.#takeChunk().join(",")}]}`;
      try {
        await this.database.pool.query("select pg_notify($1, $2)", [channel, text], "notify");
      } catch (error) {
        this.telemetry.log("debug", { event: "broadcast.failed", detail: String(error) });
      }
    }
    this.#saying = false;
  }

  #takeChunk(): readonly string[] {
    let bytes = 100;
    let count = 0;
    for (const text of this.#unsaid) {
      bytes += Buffer.byteLength(text) + 1;
      if (bytes > payloadBytesMax && count > 0) break;
      count++;
    }
    return this.#unsaid.splice(0, count);
  }
}
