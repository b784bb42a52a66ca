/** Turns what stands on the board into beats, and writes them: one statement for all modules of a process. */
import { limits } from "../../../../engine/limits.js";
import type { ModuleProgress } from "../../../../engine/ports/modules.js";
import type { Sql } from "../database.js";
import type { BeatBoard, Snapshot } from "./board.js";

/** Whose beats. `paused` is replaced whenever it changes; its order is that of `modules`. */
export interface Beating {
  readonly instance: string;
  readonly modules: readonly string[];
  readonly paused: readonly (readonly string[])[];
}

/** Beats over which a rate is taken. */
const rateBeats = 10;

interface Sample {
  readonly atMs: number;
  readonly consumed: readonly number[];
}

export class Beats {
  readonly #samples: Sample[] = [];

  constructor(
    private readonly sql: Sql,
    private readonly board: BeatBoard,
    /** Milliseconds, `steadyMs`. */
    private readonly now: () => number,
  ) {}

  /** False when the registry does not know every module of this process (any more). @throws BatchError */
  async beat({ instance, modules, paused }: Beating): Promise<boolean> {
    const progress = this.#progress();
    const column = (name: keyof ModuleProgress): readonly number[] => progress.map((each) => each[name]);
    const rows = await this.sql.query(
      `update core.modules m set beat_at = now(), consumed = b.consumed, consumed_per_s = b.rate,
         in_flight = b.in_flight, oldest_in_flight_ms = b.oldest, moved_ago_ms = b.moved,
         loop_turn_ago_ms = b.turn, loop_delay_ms = b.delay, paused = b.paused::jsonb
       from unnest($2::text[], $3::bigint[], $4::float8[], $5::int[], $6::float8[], $7::float8[], $8::float8[],
         $9::float8[], $10::text[]) as b(module, consumed, rate, in_flight, oldest, moved, turn, delay, paused)
       where m.instance = $1 and m.module = b.module returning 1`,
      [
        instance,
        modules,
        column("consumed"),
        column("consumedPerS"),
        column("inFlight"),
        column("oldestInFlightMs"),
        column("movedAgoMs"),
        column("loopTurnAgoMs"),
        column("loopDelayMs"),
        modules.map((_, index) => JSON.stringify(paused[index] ?? [])),
      ],
      "beat",
    );
    return rows.length === modules.length;
  }

  #progress(): readonly ModuleProgress[] {
    const nowMs = this.now();
    const snapshot = this.board.read();
    const first = this.#samples[0] ?? { atMs: nowMs, consumed: [] };
    this.#samples.push({ atMs: nowMs, consumed: snapshot.modules.map(({ consumed }) => consumed) });
    if (this.#samples.length > rateBeats) this.#samples.shift();
    return progressOf(snapshot, first, nowMs);
  }
}

/** `before`: an earlier look at the counters, for the rate. */
export function progressOf(snapshot: Snapshot, before: Sample, nowMs: number): readonly ModuleProgress[] {
  const loopTurnAgoMs = Math.max(0, nowMs - snapshot.turnedAtMs);
  const elapsedS = (nowMs - before.atMs) / 1_000;
  return snapshot.modules.map(({ consumed, inFlight, oldestAtMs, movedAtMs }, index) => ({
    consumed,
    consumedPerS: elapsedS > 0 ? (consumed - (before.consumed[index] ?? 0)) / elapsedS : 0,
    inFlight,
    oldestInFlightMs: inFlight > 0 ? Math.max(0, nowMs - oldestAtMs) : 0,
    movedAgoMs: Math.max(0, nowMs - movedAtMs),
    loopTurnAgoMs,
    // A loop that is blocked now is late by as much as it has not turned, less the turn it owes anyway.
    loopDelayMs: Math.max(snapshot.loopDelayMs, loopTurnAgoMs - limits.moduleBeatMs),
  }));
}
