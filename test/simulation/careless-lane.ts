/** A group commit that puts into one statement whatever waits, also two units that touch the same guarded row. */
import type { BatchWriter, CommitResult, Unit } from "../../engine/ports/store.js";

interface Waiting {
  readonly unit: Unit;
  readonly settle: (result: CommitResult) => void;
  readonly reject: (error: unknown) => void;
}

export class CarelessLane {
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(private readonly writer: BatchWriter) {}

  commit(unit: Unit): Promise<CommitResult> {
    return new Promise((settle, reject) => {
      this.#waiting.push({ unit, settle, reject });
      if (!this.#writing) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      await Promise.resolve();
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#write(batch).catch((error: unknown) => batch.forEach(({ reject }) => reject(error)));
    }
    this.#writing = false;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    for (let left = batch; left.length > 0;) {
      const result = await this.writer.write(left.map(({ unit }) => unit));
      if (result.result === "committed") return left.forEach(({ settle }) => settle({ result: "committed" }));
      const refused = new Map(result.refusals.map((refusal) => [refusal.index, refusal] as const));
      for (const [index, { gate, table = "" }] of refused) {
        const { settle } = left[index]!;
        if (gate === "lease") settle({ result: "leaseLost" });
        else if (gate === "fence") settle({ result: "fenceLost" });
        else settle({ result: "conflict", table });
      }
      left = left.filter((_, index) => !refused.has(index));
    }
  }
}
