/**
 * Broadcast over LISTEN/NOTIFY, never inside a hot commit: what is said in a few milliseconds travels in one
 * notification of its own. Listeners of this process hear at once, without the database.
 */
import { limits } from "../../../engine/limits.js";
import type { Clock } from "../../../engine/ports/clock.js";
import type { Telemetry } from "../../../engine/ports/telemetry.js";
import type { Database } from "../../store/postgres/database.js";
import { Assembler, type Chunk, chunksOf } from "./chunks.js";

const channel = "valence";
/** PostgreSQL refuses payloads of 8000 bytes and more. */
const payloadBytesMax = 7_900;
/** A notification with one thing in it may have so much of it, its envelope left out. */
const saidBytesMax = payloadBytesMax - 100;
/** How long things to say are collected. Milliseconds. */
const gatherMs = 2;

interface Said {
  readonly topic: string;
  readonly payload: unknown;
}

interface Notification {
  readonly from: string;
  readonly said: readonly (Said | Chunk)[];
}

export class Broadcast {
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();
  #unsaid: string[] = [];
  #saying = false;
  #chunked = 0;
  readonly #assembler = new Assembler();
  #stopListening: (() => Promise<void>) | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly instance: string,
  ) {}

  async open(): Promise<void> {
    this.#stopListening = await this.database.listen(channel, (text) => {
      try {
        this.#notified(JSON.parse(text) as Notification);
      } catch (error) {
        // Every role that may connect may notify: what is not ours is not heard.
        this.telemetry.log("warn", { event: "broadcast.malformed", detail: String(error) });
      }
    });
  }

  #notified({ from, said }: Notification): void {
    if (from === this.instance) return;
    for (const one of said) {
      const whole = "chunked" in one ? this.#assemble(from, one) : one;
      if (whole) this.#hear(whole.topic, whole.payload);
    }
  }

  #assemble(from: string, chunk: Chunk): Said | undefined {
    const text = this.#assembler.add(from, chunk);
    return text === undefined ? undefined : (JSON.parse(text) as Said);
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
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.messageBytesMax) {
      // Broadcasts are hints: a reply that does not fit becomes a 202 and the integrator reads the order.
      this.telemetry.log("warn", { event: "broadcast.dropped", topic, bytes });
      return;
    }
    if (bytes <= saidBytesMax) this.#unsaid.push(text);
    else {
      const chunks = chunksOf(this.#chunked++, text, saidBytesMax - 100);
      this.#unsaid.push(...chunks.map((chunk) => JSON.stringify(chunk)));
    }
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
