/**
 * The worker: what a module does with a delivery, whatever queue it came from. Finds the plan the run is pinned to,
 * hands the message to executor or signal giver, and deals with failure: back with a growing delay, and after
 * `limits.deliveriesMax` deliveries to the dead letters, which parks the run in the same commit.
 */
import type { Atom } from "../atom.js";
import type { Dictionary } from "../dictionary.js";
import { ValenceError } from "../errors.js";
import { limits } from "../limits.js";
import type { Delivery, Handler } from "../ports/bus.js";
import type { Unit, Write } from "../ports/store.js";
import { insertRun } from "./advance.js";
import { Executor, type ExecutorPorts } from "./executor.js";
import { linkPlan, type LinkedPlan } from "./linked-plan.js";
import type { RunBody, SignalBody } from "./message.js";
import { deadLetterReason } from "./release.js";
import { SignalGiver } from "./signals.js";

export interface WorkerOptions {
  readonly ports: ExecutorPorts;
  readonly atoms: ReadonlyMap<string, Atom<never>>;
  readonly dictionary: Dictionary;
}

/** A module that lacks a plan gives the message back for this long; another one may hold it. */
const planUnknownDelayMs = 1_000;

const backoffMs = (delivery: number): number => Math.min(30_000, 100 * 4 ** (delivery - 1));

export class Worker {
  readonly #executor: Executor;
  readonly #signals: SignalGiver;
  readonly #linked = new Map<string, LinkedPlan>();

  constructor(private readonly options: WorkerOptions) {
    this.#executor = new Executor(options.ports);
    this.#signals = new SignalGiver(options.ports, (hash) => this.#planOf(hash));
  }

  /** Never rejects: every delivery is settled, released or left to its lease. */
  readonly handle: Handler = async (delivery) => {
    try {
      if (delivery.expired) return await this.#bury(delivery, "expired");
      await this.#dispatch(delivery);
    } catch (error) {
      await this.#failed(delivery, error);
    }
  };

  async #dispatch(delivery: Delivery): Promise<void> {
    if (delivery.type === "signal")
      return this.#signals.give(delivery, delivery.body as unknown as SignalBody);
    if (delivery.type !== "run")
      throw new ValenceError("message_malformed", `unknown message type ${delivery.type}`);
    const body = delivery.body as unknown as RunBody;
    const linked = await this.#planOf(body.planHash);
    const stage = linked.stages.get(body.stage);
    if (stage?.kind !== "transaction") {
      throw new ValenceError("message_malformed", `flow ${body.flow} has no transaction stage ${body.stage}`);
    }
    await this.#executor.run(delivery, body, linked, stage);
  }

  async #planOf(hash: string): Promise<LinkedPlan> {
    const known = this.#linked.get(hash);
    if (known) return known;
    const plan = await this.options.ports.catalogue.plan(hash);
    if (!plan) throw new ValenceError("plan_unknown", `no plan ${hash}`);
    const linked = linkPlan(plan, this.options);
    this.#linked.set(hash, linked);
    return linked;
  }

  async #failed(delivery: Delivery, error: unknown): Promise<void> {
    const { telemetry, bus } = this.options.ports;
    const code = error instanceof ValenceError ? error.code : "internal";
    try {
      if (code === "plan_unknown") return await bus.release(delivery, planUnknownDelayMs, { blame: false });
      telemetry.log("warn", {
        event: "delivery.failed",
        messageId: delivery.messageId,
        queue: delivery.queue,
        runId: delivery.body["runId"],
        delivery: delivery.deliveryCount,
        code,
        detail: String(error),
      });
      const hopeless = code === "message_malformed" || code === "hops_exhausted" || code === "write_rejected";
      if (hopeless || delivery.deliveryCount >= limits.deliveriesMax)
        return await this.#bury(delivery, String(error));
      await bus.release(delivery, backoffMs(delivery.deliveryCount));
    } catch (again) {
      // The database is away: the lease runs out and the message comes again.
      telemetry.log("error", {
        event: "delivery.abandoned",
        messageId: delivery.messageId,
        detail: String(again),
      });
    }
  }

  /** Dead letter and parked run in one commit: nothing waits unseen. */
  async #bury(delivery: Delivery, reason: string): Promise<void> {
    const { clock, store, telemetry } = this.options.ports;
    const nowMs = clock.nowMs();
    const letter: Write = {
      kind: "insert",
      table: "deadLetters",
      exists: "keep",
      row: {
        messageId: delivery.messageId,
        queue: delivery.queue,
        type: delivery.type,
        body: delivery.body,
        reason: reason.slice(0, 2_000),
        deliveries: delivery.deliveryCount,
        diedAt: nowMs,
      },
    };
    const parked = await this.#parkWrites(delivery, reason, nowMs);
    const unit: Unit = {
      message: { held: delivery, consume: true },
      writes: [letter, ...parked],
      publish: [],
    };
    const { result } = await store.commit(unit);
    // The run has moved meanwhile: its row no longer says what we saw. The letter alone must not be lost.
    if (result === "conflict") await store.commit({ ...unit, writes: [letter] });
    telemetry.count("valence_dead_letters_total", { queue: delivery.queue });
    telemetry.log("error", {
      event: "message.buried",
      messageId: delivery.messageId,
      queue: delivery.queue,
      reason,
    });
  }

  async #parkWrites(delivery: Delivery, reason: string, nowMs: number): Promise<readonly Write[]> {
    const runId = delivery.body["runId"];
    if (typeof runId !== "string" || delivery.type !== "run") return [];
    const body = delivery.body as unknown as RunBody;
    const parkedFor = deadLetterReason(reason);
    const row = await this.options.ports.store.find("runs", { runId });
    if (!row) return [insertRun(body, "parked", parkedFor, nowMs)];
    if (row["state"] !== "open") return [];
    return [
      {
        kind: "transition",
        table: "runs",
        key: { runId },
        from: ["open"],
        to: "parked",
        set: { stage: body.stage, hop: body.hop, reason: parkedFor, body, updatedAt: nowMs },
      },
    ];
  }
}
