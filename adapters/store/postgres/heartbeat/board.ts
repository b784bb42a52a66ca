/**
 * Shared memory between the thread that works and the one that beats. The working thread publishes a snapshot at
 * every turn of its timer; that the snapshots stop is how a blocked event loop is told from a dead process.
 */

/** Counters of one module. Times are `steadyMs`; 0 means never. */
export interface Counters {
  readonly consumed: number;
  readonly inFlight: number;
  /** When the oldest handler that is under way began. */
  readonly oldestAtMs: number;
  /** When a handler last ended, or the module started. */
  readonly movedAtMs: number;
}

export interface Snapshot {
  /** When it was published: the event loop turned then. */
  readonly turnedAtMs: number;
  readonly loopDelayMs: number;
  /** In the order in which the modules were announced. */
  readonly modules: readonly Counters[];
}

/** Milliseconds that never jump and mean the same in every thread of this process. */
export const steadyMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

const numbersAhead = 2;
const numbersPerModule = 4;
/** The version counter, and padding to where a float64 may stand. */
const headBytes = 8;

export class BeatBoard {
  readonly #version: Int32Array;
  readonly #numbers: Float64Array;

  /** `buffer`: that of another thread's board for as many modules. */
  constructor(
    readonly size: number,
    readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(
      headBytes + 8 * (numbersAhead + numbersPerModule * size),
    ),
  ) {
    this.#version = new Int32Array(buffer, 0, 1);
    this.#numbers = new Float64Array(buffer, headBytes);
  }

  publish({ turnedAtMs, loopDelayMs, modules }: Snapshot): void {
    // Odd while it is being written: a reader that meets an odd or a changed version reads again.
    Atomics.add(this.#version, 0, 1);
    this.#numbers.set([
      turnedAtMs,
      loopDelayMs,
      ...modules.flatMap(({ consumed, inFlight, oldestAtMs, movedAtMs }) => [
        consumed,
        inFlight,
        oldestAtMs,
        movedAtMs,
      ]),
    ]);
    Atomics.add(this.#version, 0, 1);
  }

  read(): Snapshot {
    for (;;) {
      const version = Atomics.load(this.#version, 0);
      const numbers = [...this.#numbers];
      if (version % 2 === 0 && Atomics.load(this.#version, 0) === version) return this.#snapshot(numbers);
    }
  }

  #snapshot(numbers: readonly number[]): Snapshot {
    const at = (index: number): number => numbers[index] ?? 0;
    return {
      turnedAtMs: at(0),
      loopDelayMs: at(1),
      modules: Array.from({ length: this.size }, (_, module) => {
        const first = numbersAhead + module * numbersPerModule;
        return {
          consumed: at(first),
          inFlight: at(first + 1),
          oldestAtMs: at(first + 2),
          movedAtMs: at(first + 3),
        };
      }),
    };
  }
}
