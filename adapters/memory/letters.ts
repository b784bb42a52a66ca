/** Dead letters in memory, whoever carries the messages that died. */
import type { DeadLetter, OutgoingMessage } from "../../engine/ports/bus.js";
import type { DeadLetterBox } from "../../engine/ports/outbox.js";
import type { Row } from "../../engine/ports/store.js";
import type { MemoryDatabase } from "./database.js";

export class MemoryLetters implements DeadLetterBox {
  /** @param rise puts a message back into its queue, as one that was delivered before */
  constructor(
    private readonly database: MemoryDatabase,
    private readonly rise: (message: OutgoingMessage) => void,
  ) {}

  async list(queue: string, limit: number): Promise<readonly DeadLetter[]> {
    return this.#of(queue)
      .toSorted((a, b) => Number(a["diedAt"]) - Number(b["diedAt"]))
      .slice(0, limit)
      .map((row) => ({
        messageId: String(row["messageId"]),
        queue,
        reason: String(row["reason"]),
        diedAtMs: Number(row["diedAt"]),
        body: row["body"] as Row,
      }));
  }

  /** Dead letters become messages again, and the runs they parked are open again. */
  async replay(queue: string, messageIds?: readonly string[]): Promise<number> {
    const risen = this.#of(queue).filter((row) => messageIds?.includes(String(row["messageId"])) ?? true);
    for (const row of risen) {
      const body = row["body"] as Row;
      const type = String(row["type"]);
      this.database.delete("deadLetters", row);
      this.rise({ messageId: String(row["messageId"]), queue, type, body });
      const run = type === "run" ? this.database.find("runs", { runId: body["runId"] }) : undefined;
      if (run?.["state"] === "parked") await this.#open(String(body["runId"]));
    }
    return risen.length;
  }

  async discard(messageIds: readonly string[]): Promise<number> {
    const gone = this.database
      .rows("deadLetters")
      .filter((row) => messageIds.includes(String(row["messageId"])));
    for (const row of gone) this.database.delete("deadLetters", row);
    return gone.length;
  }

  async counts(): Promise<readonly { readonly queue: string; readonly dead: number }[]> {
    const counts = new Map<string, number>();
    for (const row of this.database.rows("deadLetters")) {
      const queue = String(row["queue"]);
      counts.set(queue, (counts.get(queue) ?? 0) + 1);
    }
    return [...counts].map(([queue, dead]) => ({ queue, dead }));
  }

  #of(queue: string): readonly Row[] {
    return this.database.rows("deadLetters").filter((row) => row["queue"] === queue);
  }

  async #open(runId: string): Promise<void> {
    const set = { reason: "", updatedAt: this.database.clock.nowMs() };
    const opened = {
      kind: "transition",
      table: "runs",
      key: { runId },
      from: ["parked"],
      to: "open",
    } as const;
    await this.database.write([{ writes: [{ ...opened, set }], publish: [] }]);
  }
}
