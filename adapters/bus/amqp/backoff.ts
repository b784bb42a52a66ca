import type { Clock, Random } from "../../../engine/ports/clock.js";

const firstMs = 50;
/** A broker that is back is found within this time, whatever it was away for. */
const pauseMsMax = 2_000;

/** Pauses that grow and differ between processes, so that a broker which returns is not run over. */
export class Backoff {
  #attempt = 0;
  #end: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Between half and all of 50 ms, 100 ms, 200 ms … 2 s. */
  async pause(): Promise<void> {
    const wholeMs = Math.min(firstMs * 2 ** this.#attempt++, pauseMsMax);
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(wholeMs * (0.5 + this.random.fraction() / 2), resolve);
      this.#end = () => {
        cancel();
        resolve();
      };
    });
    this.#end = undefined;
  }

  /** It worked: the next pause is a short one again. */
  reset(): void {
    this.#attempt = 0;
  }

  /** Ends the pause that is under way. */
  cut(): void {
    this.#end?.();
  }
}
