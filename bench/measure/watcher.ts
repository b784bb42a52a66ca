/** What one open console asks of the admin API: the live stream, and what its pages ask again and again. */
import { setTimeout as sleep } from "node:timers/promises";

export interface AdminSite {
  readonly url: string;
  /** Bearer token. */
  readonly token: string;
}

/** One of its paths, asked every so often. */
export interface Poll {
  readonly path: string;
  readonly everyMs: number;
}

export interface Watching {
  /** Milliseconds until each answer was there, by path. */
  readonly answersMs: Readonly<Record<string, readonly number[]>>;
  /** Between one event of the stream and the next. */
  readonly gapsMs: readonly number[];
  /** Answers that were none, in words. */
  readonly failures: readonly string[];
}

/** Watches until it is told to stop. */
export class Watcher {
  readonly #stop = new AbortController();
  readonly #answersMs: Record<string, number[]> = {};
  readonly #gapsMs: number[] = [];
  readonly #failures: string[] = [];
  readonly #done: Promise<unknown>;

  constructor(
    private readonly site: AdminSite,
    streamPath: string,
    polls: readonly Poll[],
  ) {
    this.#done = Promise.all([
      this.#guarded(streamPath, () => this.#stream(streamPath)),
      ...polls.map((poll) => this.#guarded(poll.path, () => this.#poll(poll))),
    ]);
  }

  async stop(): Promise<Watching> {
    this.#stop.abort();
    await this.#done;
    return { answersMs: this.#answersMs, gapsMs: this.#gapsMs, failures: this.#failures };
  }

  async #guarded(path: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#failures.push(`${path}: ${String(error)}`);
    }
  }

  async #get(path: string): Promise<Response> {
    const response = await fetch(`${this.site.url}${path}`, {
      headers: { authorization: `Bearer ${this.site.token}` },
      signal: this.#stop.signal,
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response;
  }

  async #stream(path: string): Promise<void> {
    const { body } = await this.#get(path);
    if (!body) throw new Error("no body");
    let lastMs = performance.now();
    const text = new TextDecoder();
    for await (const chunk of body) {
      const events = text.decode(chunk as Uint8Array).match(/^event:/gm)?.length ?? 0;
      if (events === 0) continue;
      const nowMs = performance.now();
      this.#gapsMs.push(nowMs - lastMs);
      lastMs = nowMs;
    }
    throw new Error("the stream has ended");
  }

  async #poll({ path, everyMs }: Poll): Promise<void> {
    const list = (this.#answersMs[path] ??= []);
    while (!this.#stop.signal.aborted) {
      const startMs = performance.now();
      await (await this.#get(path)).arrayBuffer();
      const tookMs = performance.now() - startMs;
      list.push(tookMs);
      await sleep(Math.max(0, everyMs - tookMs), undefined, { signal: this.#stop.signal });
    }
  }
}
