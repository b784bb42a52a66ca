import type { Clock } from "../../engine/ports/clock.js";

/** Does `work` every so often, one round at a time, until the result is called. A failed round waits for the next. */
export function repeatEvery(clock: Clock, everyMs: number, work: () => Promise<void>): () => void {
  let stopped = false;
  let cancel: () => void = () => undefined;
  const later = (): void => {
    if (stopped) return;
    cancel = clock.after(everyMs, () => {
      void work().then(later, later);
    });
  };
  later();
  return () => {
    stopped = true;
    cancel();
  };
}
