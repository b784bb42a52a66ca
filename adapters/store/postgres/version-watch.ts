/**
 * Watches `config.versions`: asks twice a second, and at once when another process says that something changed. What
 * depends on reference data knows how long ago it was last confirmed.
 */
import type { Clock } from "../../../engine/ports/clock.js";
import type { Sql } from "./database.js";

export type ReferenceKind = "merchants" | "channels" | "routes" | "definitions";

const pollMs = 500;

export class VersionWatch {
  readonly #versions = new Map<string, number>();
  readonly #listeners = new Map<ReferenceKind, (() => void | Promise<void>)[]>();
  #confirmedAtMs = -Infinity;
  #cancel: () => void = () => undefined;
  #checking: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly sql: Sql,
    private readonly clock: Clock,
  ) {}

  /** Milliseconds since the versions were last read. */
  get confirmedAgoMs(): number {
    return this.clock.monotonicMs() - this.#confirmedAtMs;
  }

  on(kind: ReferenceKind, listener: () => void | Promise<void>): void {
    this.#listeners.set(kind, [...(this.#listeners.get(kind) ?? []), listener]);
  }

  async start(): Promise<void> {
    await this.check();
    this.#later();
  }

  /** Reads the versions now and tells whoever listens to a kind that moved. @throws BatchError */
  check(): Promise<void> {
    this.#checking ??= this.#read().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #read(): Promise<void> {
    const askedAtMs = this.clock.monotonicMs();
    const rows = await this.sql.query<{ kind: ReferenceKind; version: number }>(
      "select kind, version from config.versions",
      [],
      "versions",
    );
    for (const { kind, version } of rows) {
      if (this.#versions.get(kind) === version) continue;
      for (const listener of this.#listeners.get(kind) ?? []) await listener();
      this.#versions.set(kind, version);
    }
    this.#confirmedAtMs = askedAtMs;
  }

  #later(): void {
    if (this.#stopped) return;
    this.#cancel = this.clock.after(pollMs, () => {
      // A failed check shows as age; nothing else has to be done about it.
      void this.check()
        .catch(() => undefined)
        .finally(() => {
          this.#later();
        });
    });
  }
}
