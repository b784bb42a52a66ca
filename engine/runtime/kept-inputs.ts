/**
 * Which runs the journal keeps the input of. A run's row forgets its message when the run is over, so without this
 * nobody could play a recorded run again; keeping every input would make every payment write more. So the first runs
 * of every second are kept: under light traffic all, under full load a sample.
 */
import { limits } from "../limits.js";
import type { Clock } from "../ports/clock.js";
import type { RunBody } from "./message.js";

export class KeptInputs {
  /** Of the current second, by flow. */
  readonly #kept = new Map<string, number>();
  #second = 0;

  constructor(private readonly clock: Pick<Clock, "monotonicMs">) {}

  /** Counts the run when the answer is yes. Only a first hop has an input. */
  keeps({ hop, flow, fields }: Pick<RunBody, "hop" | "flow" | "fields">): boolean {
    if (hop !== 0) return false;
    const second = Math.floor(this.clock.monotonicMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#kept.clear();
    }
    const kept = this.#kept.get(flow) ?? 0;
    if (kept >= limits.inputsKeptPerSMax || JSON.stringify(fields).length > limits.inputKeptBytesMax)
      return false;
    this.#kept.set(flow, kept + 1);
    return true;
  }
}
