/** What is looked for by something else than its key: due timers, signals of a run, open runs. */
import type { Row } from "../../engine/ports/store.js";
import { Heap } from "./heap.js";

/** Told of every row that came, changed or went; one of the two is always there. */
export interface Change {
  readonly table: string;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

export class Indexes {
  readonly #timers = new Heap<Row>((a, b) => Number(a["dueAt"]) < Number(b["dueAt"]));
  readonly #isThere: (table: string, row: Row) => boolean;
  readonly signals = new Map<string, Set<string>>();
  readonly openRuns = new Set<string>();

  /** @param isThere the row is stored, as this very object */
  constructor(isThere: (table: string, row: Row) => boolean) {
    this.#isThere = isThere;
  }

  take({ table, before, after }: Change): void {
    if (table === "timers" && after) this.#timers.push(after);
    if (table === "signals" && after && !before) {
      const runId = String(after["runId"]);
      const given = this.signals.get(runId) ?? new Set();
      this.signals.set(runId, given.add(String(after["signalId"])));
    }
    if (table === "runs") {
      const runId = String((after ?? before)?.["runId"]);
      if (after?.["state"] === "open") this.openRuns.add(runId);
      else this.openRuns.delete(runId);
    }
  }

  /** The timer that is due first. */
  get nextTimer(): Row | undefined {
    for (let timer = this.#timers.least; timer; timer = this.#timers.least) {
      if (this.#isThere("timers", timer)) return timer;
      this.#timers.pop();
    }
    return undefined;
  }
}
