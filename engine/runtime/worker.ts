/**
 * The worker: what a module does with a delivery, whatever queue it came from. Finds the plan the run is pinned to,
 * hands the message to executor or signal giver, and deals with failure: back with a growing delay, and after
 * `limits.deliveriesMax` deliveries to the dead letters. What is not the message's fault is never held against it.
 */
import type { Atom } from "../atom.js";
import type { Plan } from "../compiler/plan.js";
import type { Dictionary } from "../dictionary.js";
import { type ErrorCode, ValenceError } from "../errors.js";
import { limits } from "../limits.js";
import type { Delivery, Handler } from "../ports/bus.js";
import { BatchError } from "../ports/store.js";
import { DeadLetters } from "./dead-letters.js";
import { Executor, type ExecutorPorts } from "./executor.js";
import { linkPlan, type LinkedPlan } from "./linked-plan.js";
import { runBodyOf, signalBodyOf } from "./message.js";
import { SignalGiver } from "./signals.js";

export interface WorkerOptions {
  readonly ports: ExecutorPorts;
  readonly atoms: ReadonlyMap<string, Atom<never>>;
  readonly dictionary: Dictionary;
}

/** A process that cannot work now gives the message back for this long; another one may be better off. */
const unableDelayMs = 1_000;
/** What waits for a channel to be opened is looked at this often. */
const closedDelayMs = 2_000;

const backoffMs = (delivery: number): number => Math.min(30_000, 100 * 4 ** (delivery - 1));

/** This process, its database or its reference data is to blame: another delivery may do better, and no message dies. */
const unable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "plan_unknown",
  "reference_stale",
  "database_unreachable",
  "commit_unknown",
  "channel_closed",
]);
/** Another delivery would end the same way. */
const hopeless: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "message_malformed",
  "hops_exhausted",
  "write_rejected",
]);

function codeOf(error: unknown): ErrorCode {
  if (error instanceof ValenceError) return error.code;
  // A read that failed; commits have a code of their own.
  return error instanceof BatchError && error.kind !== "data" ? "database_unreachable" : "internal";
}

export class Worker {
  readonly #executor: Executor;
  readonly #signals: SignalGiver;
  readonly #deadLetters: DeadLetters;
  readonly #linked = new Map<string, LinkedPlan>();

  constructor(private readonly options: WorkerOptions) {
    this.#executor = new Executor(options.ports, (hash) => this.#planInForce(hash));
    this.#signals = new SignalGiver(options.ports, (hash) => this.#planOf(hash));
    this.#deadLetters = new DeadLetters(options.ports);
  }

  /** Never rejects: every delivery is settled, released or left to its lease. */
  readonly handle: Handler = async (delivery) => {
    try {
      if (delivery.rest) return await delivery.rest;
      if (delivery.expired) return await this.#deadLetters.bury(delivery, "expired");
      await this.#dispatch(delivery);
    } catch (error) {
      await this.#failed(delivery, error);
    }
  };

  async #dispatch(delivery: Delivery): Promise<void> {
    if (delivery.type === "signal") return this.#signals.give(delivery, signalBodyOf(delivery));
    if (delivery.type !== "run")
      throw new ValenceError("message_malformed", `unknown message type ${delivery.type}`);
    const body = runBodyOf(delivery);
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
    return this.#link(plan);
  }

  /** One that is known without asking anybody; undefined also when this build cannot run it. */
  #planInForce(hash: string): LinkedPlan | undefined {
    const known = this.#linked.get(hash);
    if (known) return known;
    const plan = this.options.ports.catalogue.plans().find((each) => each.hash === hash);
    try {
      return plan && this.#link(plan);
    } catch {
      return undefined;
    }
  }

  #link(plan: Plan): LinkedPlan {
    const linked = linkPlan(plan, this.options);
    this.#linked.set(plan.hash, linked);
    return linked;
  }

  async #failed(delivery: Delivery, error: unknown): Promise<void> {
    const { telemetry, bus } = this.options.ports;
    const { messageId, queue, deliveryCount } = delivery;
    const code = codeOf(error);
    try {
      // An order that waits for its channel is nobody's failure, and it is looked at every few seconds.
      telemetry.log(code === "channel_closed" ? "debug" : "warn", {
        event: "delivery.failed",
        messageId,
        queue,
        runId: delivery.body["runId"],
        delivery: deliveryCount,
        code,
        detail: String(error),
      });
      if (unable.has(code)) {
        // The first delivery stays counted: the count also says that there may be something in the journal.
        const delayMs = code === "channel_closed" ? closedDelayMs : unableDelayMs;
        return await bus.release(delivery, delayMs, { blame: deliveryCount === 1 });
      }
      if (hopeless.has(code) || deliveryCount >= limits.deliveriesMax)
        return await this.#deadLetters.bury(delivery, String(error));
      await bus.release(delivery, backoffMs(deliveryCount));
    } catch (again) {
      // The database is away: the lease runs out and the message comes again.
      telemetry.log("error", { event: "delivery.abandoned", messageId, detail: String(again) });
    }
  }
}
