/**
 * The end of a message that cannot be worked on: a dead letter with its reason, and the run it carried parked in the
 * same commit, so that nothing waits unseen.
 *
 * A run's message parks the run unless its hop was finished by somebody else. A timer parks the run whose wait it
 * would have ended, for nothing else would. Any other signal leaves the run its timer.
 */
import { runDayOf } from "../ids.js";
import type { Delivery } from "../ports/bus.js";
import type { Clock, Random } from "../ports/clock.js";
import type { CommitResult, JournalEntry, Store, Write } from "../ports/store.js";
import type { Telemetry } from "../ports/telemetry.js";
import { ValenceError } from "../errors.js";
import { insertRun } from "./advance.js";
import { runBodyOf, signalBodyOf, type RunBody, type SignalBody } from "./message.js";
import { nextPoint } from "./resume.js";

export interface DeadLettersPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}

/** What parks the run beside its letter. */
interface Parking {
  readonly writes: readonly Write[];
  readonly journal?: readonly JournalEntry[];
}
const nothing: Parking = { writes: [] };

/** Begins the reason of a run that was parked because its message died: it stands in the middle of a transaction. */
export const deadLetterPrefix = "dead-letter: ";

export class DeadLetters {
  constructor(private readonly ports: DeadLettersPorts) {}

  /** @throws ValenceError when the database refuses the letter or cannot be reached: the message stays leased. */
  async bury(delivery: Delivery, reason: string): Promise<void> {
    const { telemetry } = this.ports;
    const { messageId, queue } = delivery;
    const parking = await this.#parking(delivery, reason);
    let result = await this.#commit(delivery, reason, parking);
    // The run has moved meanwhile, or its row cannot be written: the letter alone must not be lost.
    if (result !== "committed" && result !== "leaseLost")
      result = await this.#commit(delivery, reason, nothing);
    if (result !== "committed") {
      telemetry.log("info", { event: "message.lost", messageId, queue, reason });
      return;
    }
    telemetry.count("valence_dead_letters_total", { queue });
    telemetry.log("error", { event: "message.buried", messageId, queue, reason });
  }

  async #commit(
    delivery: Delivery,
    reason: string,
    { writes, journal }: Parking,
  ): Promise<CommitResult["result"] | "rejected"> {
    try {
      const { result } = await this.ports.store.commit({
        message: { held: delivery, consume: true },
        ...(journal ? { journal } : {}),
        writes: [this.#letter(delivery, reason), ...writes],
        publish: [],
      });
      return result;
    } catch (error) {
      if (writes.length > 0 && error instanceof ValenceError && error.code === "write_rejected")
        return "rejected";
      throw error;
    }
  }

  #letter({ messageId, queue, type, body, deliveryCount }: Delivery, reason: string): Write {
    const row = {
      messageId,
      queue,
      type,
      body,
      // Text of a database holds no NUL; what broke the message must not break its letter.
      reason: reason.replaceAll("\0", " ").slice(0, 2_000),
      deliveries: deliveryCount,
      diedAt: this.ports.clock.nowMs(),
    };
    return { kind: "insert", table: "deadLetters", exists: "keep", row };
  }

  async #parking(delivery: Delivery, reason: string): Promise<Parking> {
    const why = `${deadLetterPrefix}${reason}`.replaceAll("\0", " ").slice(0, 500);
    try {
      if (delivery.type === "run") return await this.#parkRun(runBodyOf(delivery), why);
      if (delivery.type === "signal") return { writes: await this.#parkWait(signalBodyOf(delivery), why) };
    } catch (error) {
      // Nobody can tell which run this was about.
      if (!(error instanceof ValenceError) || error.code !== "message_malformed") throw error;
    }
    return nothing;
  }

  /** Parks the run and takes the next point of its hop, so that nobody who still works on it can move it on. */
  async #parkRun(body: RunBody, why: string): Promise<Parking> {
    const { store, clock } = this.ports;
    const { runId, stage, hop } = body;
    const nowMs = clock.nowMs();
    const row = await store.find("runs", { runId });
    const entries = await store.journal(runDayOf(runId), runId, hop);
    if ((row && row["state"] !== "open") || entries.some(({ kind }) => kind === "end")) return nothing;
    const journal: JournalEntry = {
      ...{ runDay: runDayOf(runId), runId, hop, point: nextPoint(entries), step: entries.at(-1)?.step ?? 0 },
      ...{ kind: "mark", stage, outcome: "", data: {}, owner: this.ports.random.id() },
    };
    const set = { stage, hop, reason: why, body, updatedAt: nowMs };
    const write: Write = row
      ? { kind: "transition", table: "runs", key: { runId }, from: ["open"], to: "parked", set }
      : insertRun(body, "parked", why, nowMs);
    return { writes: [write], journal: [journal] };
  }

  async #parkWait({ runId, hop }: SignalBody, why: string): Promise<readonly Write[]> {
    if (hop === undefined) return [];
    const row = await this.ports.store.find("runs", { runId });
    if (row?.["state"] !== "waiting" || row["hop"] !== hop) return [];
    const set = { reason: why, updatedAt: this.ports.clock.nowMs() };
    const key = { runId };
    return [{ kind: "transition", table: "runs", key, from: ["waiting"], to: "parked", match: { hop }, set }];
  }
}
