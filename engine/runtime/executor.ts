/**
 * Runs one transaction of one run for one delivery of its message.
 *
 * The run is `loaded` (fresh, or resumed after its last durable point) -> steps -> `closing` -> settled. Between two
 * barriers nothing touches the disk: atoms are function calls and their writes pile up in the unit of work. At a
 * barrier the unit is committed; before an external atom without an idempotency key the barrier is an *intent*. A
 * resumed run that finds its own intent without a result never repeats the call: it inquires, and not before the
 * intent's send deadline has passed.
 *
 * And if the process dies here? Before a commit: nothing happened, the message comes again. After it: the journal
 * says how far the run got. During it: the fence tells. Between call and commit: the intent makes the next owner ask.
 */
import type { AtomResult, Reply } from "../atom.js";
import { ValenceError } from "../errors.js";
import { runDayOf } from "../ids.js";
import { limits } from "../limits.js";
import type { Bus, Delivery, OutgoingMessage } from "../ports/bus.js";
import type { Clock, Random } from "../ports/clock.js";
import type {
  CommitResult,
  JournalEntry,
  JournalKind,
  Row,
  Store,
  StoredSignal,
  Unit,
  Write,
} from "../ports/store.js";
import type { Telemetry } from "../ports/telemetry.js";
import { advance, insertRun, type Move, type Position } from "./advance.js";
import type { Crash } from "./crash-points.js";
import type { LinkedPlan, LinkedStep, LinkedTransaction } from "./linked-plan.js";
import { type ReplyPayload, replyTopic, type RunBody } from "./message.js";
import { publications } from "./publications.js";
import { resumePoint, type StepTrace } from "./resume.js";
import { runStep } from "./step.js";
import type { Catalogue } from "../registry/catalogue.js";

export interface ExecutorPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly catalogue: Catalogue;
  readonly crash: Crash;
  /** What atoms see as `context.ports`. */
  readonly atomPorts: unknown;
}

/** What one delivery accumulates. Mutable on purpose and private to this file: it is the state of the work. */
interface Work {
  readonly delivery: Delivery;
  readonly body: RunBody;
  readonly linked: LinkedPlan;
  readonly stage: LinkedTransaction;
  readonly startedMs: number;
  fields: Record<string, unknown>;
  /** Written since the last durable point. */
  delta: Record<string, unknown>;
  /**
   * Fields and delta that survive a lost guard: those of the last durable point, and what an external atom has learnt
   * since. The world does not forget what it was asked to do because a row of ours was taken.
   */
  kept: { readonly fields: Row; readonly delta: Row };
  writes: Write[];
  publish: OutgoingMessage[];
  replies: Reply[];
  steps: StepTrace[];
  /** `none` until this run's row is known to exist. */
  rowState: "none" | "open";
  commitMs: number;
}

/** Where this delivery begins. `durable`: its first step stands on a barrier that an earlier delivery has made. */
interface Start {
  readonly step: number;
  readonly inquire: boolean;
  readonly durable: boolean;
}

const freshStart: Start = { step: 0, inquire: false, durable: false };

/** Another worker owns the message or has done its work: there is nothing left to do here. */
class Superseded extends Error {}
/** The journal holds a durable point this delivery did not know of: load again and go on from there. */
class Behind extends Error {}
/** A guarded write lost: the unit is gone, the transaction ends with outcome `conflict`. */
class Conflict extends Error {}

export class Executor {
  constructor(private readonly ports: ExecutorPorts) {}

  /** @throws ValenceError when the delivery should be tried again (or buried, if it has failed too often). */
  async run(delivery: Delivery, body: RunBody, linked: LinkedPlan, stage: LinkedTransaction): Promise<void> {
    let mayHaveHistory = delivery.deliveryCount > 1 || body.republished === true;
    for (let round = 0; round < limits.deliveriesMax; round++) {
      const work = this.#newWork(delivery, body, linked, stage);
      this.ports.crash("delivered", { runId: body.runId, stage: body.stage });
      try {
        await this.#perform(work, mayHaveHistory);
        return;
      } catch (error) {
        if (error instanceof Superseded) return;
        if (!(error instanceof Behind)) throw error;
        mayHaveHistory = true;
      }
    }
    throw new ValenceError("step_failed", `run ${body.runId} cannot catch up with its journal`);
  }

  #newWork(delivery: Delivery, body: RunBody, linked: LinkedPlan, stage: LinkedTransaction): Work {
    return {
      delivery,
      body,
      linked,
      stage,
      startedMs: this.ports.clock.monotonicMs(),
      fields: { ...body.fields },
      delta: {},
      kept: { fields: body.fields, delta: {} },
      writes: [],
      publish: [],
      replies: [],
      steps: [],
      rowState: body.hop === 0 ? "none" : "open",
      commitMs: 0,
    };
  }

  async #perform(work: Work, mayHaveHistory: boolean): Promise<void> {
    const start = mayHaveHistory ? await this.#resume(work) : freshStart;
    if (start === "finished") return this.#consume(work);
    if ("waitMs" in start) return this.ports.bus.release(work.delivery, start.waitMs, { blame: false });
    let outcome: string;
    try {
      outcome = await this.#runSteps(work, start);
      await this.#close(work, outcome);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      outcome = "conflict";
      this.#fallBack(work);
      await this.#close(work, outcome);
    }
    this.#report(work, outcome);
  }

  async #resume(work: Work): Promise<Start | { waitMs: number } | "finished"> {
    const { body, stage } = work;
    const entries = await this.ports.store.journal(runDayOf(body.runId), body.runId, body.hop);
    const point = resumePoint(entries, stage.steps.length);
    if (point === "fresh") return freshStart;
    if (point === "finished") return point;
    work.fields = { ...body.fields, ...point.fields };
    work.kept = { fields: { ...work.fields }, delta: {} };
    work.steps = [...point.steps];
    work.rowState = "open";
    if (point.inquire && point.sendDeadlineInMs > 0) return { waitMs: point.sendDeadlineInMs };
    return { step: point.step, inquire: point.inquire, durable: true };
  }

  /** Steps in order; returns the transaction's outcome. */
  async #runSteps(work: Work, start: Start): Promise<string> {
    let outcome = "ok";
    const { steps } = work.stage;
    for (let index = start.step; index < steps.length; index++) {
      const linked = steps[index] as LinkedStep;
      if (outcome !== "ok" && !linked.step.always) continue;
      if (linked.when && !linked.when.evaluate(work.fields)) continue;
      const first = index === start.step;
      const inquire = start.inquire && first;
      // The durable point a resumed run stands on is its barrier; making it again would find it taken for ever.
      const sendDeadlineMs =
        start.durable && first ? undefined : await this.#barrierBefore(work, linked, index);
      const result = await this.#runStep(work, linked, index, inquire, sendDeadlineMs);
      if (linked.atom.effect === "external") this.ports.crash("external-returned", this.#where(work, index));
      if (outcome === "ok") outcome = result.outcome;
    }
    return outcome;
  }

  /** Commits what is due before the step; returns the send deadline of an intent made now. */
  async #barrierBefore(work: Work, linked: LinkedStep, index: number): Promise<number | undefined> {
    if (linked.atom.effect !== "external") return undefined;
    const unsaved = work.writes.length > 0 || work.publish.length > 0;
    if (!linked.step.intent && !(linked.step.barrier && unsaved)) return undefined;
    // The owner's clock starts before the commit, the database's in it: the owner's deadline is the earlier one.
    const sendDeadlineMs = this.ports.clock.monotonicMs() + limits.sendWindowMs;
    await this.#commit(work, this.#barrierUnit(work, linked.step.intent ? "intent" : "barrier", index));
    work.kept = { fields: { ...work.fields }, delta: {} };
    work.rowState = "open";
    work.delta = {};
    work.writes = [];
    work.publish = [];
    if (!linked.step.intent) return undefined;
    this.ports.crash("intent-committed", this.#where(work, index));
    return sendDeadlineMs;
  }

  async #runStep(
    work: Work,
    linked: LinkedStep,
    index: number,
    inquire: boolean,
    sendDeadlineMs: number | undefined,
  ): Promise<AtomResult> {
    const { body, delivery } = work;
    const { runId, flow, type, stage, hop, acceptedAtMs } = body;
    const { result, elapsedMs } = await runStep(
      {
        linked,
        index,
        fields: work.fields,
        run: { runId, flow, type, stage, hop, acceptedAtMs },
        delivery: delivery.deliveryCount,
        mode: inquire ? "inquire" : "run",
        ...(sendDeadlineMs === undefined ? {} : { sendDeadlineMs }),
      },
      { clock: this.ports.clock, ports: this.ports.atomPorts },
    );
    work.steps.push({
      atom: linked.atom.name,
      outcome: result.outcome,
      elapsedMs: Math.round(elapsedMs * 1000) / 1000,
      ...(inquire ? { inquired: true } : {}),
      ...(result.trace ? { trace: result.trace } : {}),
    });
    Object.assign(work.fields, result.fields);
    Object.assign(work.delta, result.fields);
    if (linked.atom.effect === "external")
      work.kept = { fields: { ...work.fields }, delta: { ...work.delta } };
    work.writes.push(...(result.writes ?? []));
    work.publish.push(...publications(result, body, index, this.ports));
    if (result.reply) work.replies.push(result.reply);
    this.ports.telemetry.count("valence_steps_total", { atom: linked.atom.name, outcome: result.outcome });
    if (linked.atom.effect === "external") {
      this.ports.telemetry.observe("valence_channel_seconds", { atom: linked.atom.name }, elapsedMs / 1000);
    }
    return result;
  }

  /** The last commit of the transaction: result, next message and acknowledgement, all or none. */
  async #close(work: Work, outcome: string): Promise<void> {
    let facts: { pending: readonly StoredSignal[]; signalsGiven: number } = {
      pending: [],
      signalsGiven: work.body.signalsSeen,
    };
    for (let round = 0; round < limits.deliveriesMax; round++) {
      const move = this.#move(work, outcome, facts);
      this.ports.crash("before-commit", { runId: work.body.runId, stage: work.body.stage });
      const result = await this.#tryCommit(work, this.#endUnit(work, outcome, move));
      if (result.result === "committed") return this.#afterCommit(work, move);
      // A signal arrived between the look and the wait: look again. Anything else is the transaction's own guard.
      if (result.result !== "conflict" || result.table !== "runs") refuse(result);
      facts = await this.#signalFacts(work);
    }
    throw new ValenceError("step_failed", `run ${work.body.runId} cannot enter its wait`);
  }

  #move(work: Work, outcome: string, facts: Pick<Position, "pending" | "signalsGiven">): Move {
    const { delivery, body, linked } = work;
    return advance({
      plan: linked.plan,
      body: { ...body, fields: work.fields },
      outcome,
      nowMs: this.ports.clock.nowMs(),
      rowState: work.rowState,
      rowHop: body.hop,
      reply: {
        ...(delivery.replyTo === undefined ? {} : { replyTo: delivery.replyTo }),
        ...(delivery.correlationId === undefined ? {} : { correlationId: delivery.correlationId }),
      },
      ...facts,
    });
  }

  async #signalFacts(work: Work): Promise<Pick<Position, "pending" | "signalsGiven">> {
    const row = await this.ports.store.find("runs", { runId: work.body.runId });
    if (row?.["state"] !== "open") {
      // Parked or ended by a person while this delivery worked: its unit must not take effect.
      await this.#consume(work);
      throw new Superseded();
    }
    return {
      pending: await this.ports.store.pendingSignals(work.body.runId),
      signalsGiven: Number(row["signalsGiven"]),
    };
  }

  #endUnit(work: Work, outcome: string, move: Move): Unit {
    const entry = this.#journalEntry(work, "end", work.stage.steps.length, outcome, {
      fields: { ...work.delta, ...move.fields },
      steps: work.steps,
      next: move.next,
      // The sweep rebuilds a lost message from the row's body and these.
      ...(move.publish[0] ? { message: withoutFields(move.publish[0]) } : {}),
      queueWaitMs: Math.round(work.delivery.queueWaitMs),
    });
    return {
      message: { held: work.delivery, consume: true },
      journal: entry,
      writes: [...work.writes, ...move.writes],
      publish: [...work.publish, ...move.publish],
    };
  }

  #barrierUnit(work: Work, kind: JournalKind, step: number): Unit {
    const { body, delivery } = work;
    const entry = this.#journalEntry(work, kind, step, "", { fields: work.delta, steps: work.steps });
    const opened = work.rowState === "none" ? [insertRun(body, "open", "", this.ports.clock.nowMs())] : [];
    return {
      message: { held: delivery, consume: false },
      journal:
        kind === "intent" ? { ...entry, sendWindowMs: limits.sendWindowMs + limits.clockSkewMsMax } : entry,
      writes: [...opened, ...work.writes],
      publish: work.publish,
    };
  }

  #journalEntry(work: Work, kind: JournalKind, step: number, outcome: string, data: Row): JournalEntry {
    const { runId, hop, stage } = work.body;
    return {
      runDay: runDayOf(runId),
      runId,
      hop,
      step,
      kind,
      stage,
      outcome,
      data,
      owner: this.ports.random.id(),
    };
  }

  async #commit(work: Work, unit: Unit): Promise<void> {
    const result = await this.#tryCommit(work, unit);
    if (result.result !== "committed") refuse(result);
  }

  async #tryCommit(work: Work, unit: Unit): Promise<CommitResult> {
    const startedMs = this.ports.clock.monotonicMs();
    const result = await this.ports.store.commit(unit);
    work.commitMs += this.ports.clock.monotonicMs() - startedMs;
    return result;
  }

  /** A lost guard takes everything since the last durable point with it, except what the world has answered. */
  #fallBack(work: Work): void {
    work.fields = { ...work.kept.fields };
    work.delta = { ...work.kept.delta };
    work.writes = [];
    work.publish = [];
    work.replies = [];
  }

  /** Somebody finished this hop before: the message goes, nothing else happens. */
  async #consume(work: Work): Promise<void> {
    await this.ports.store.commit({
      message: { held: work.delivery, consume: true },
      writes: [],
      publish: [],
    });
    this.ports.telemetry.log("info", { event: "delivery.repeated", ...this.#where(work, 0) });
  }

  #afterCommit(work: Work, move: Move): void {
    this.ports.crash("committed", { runId: work.body.runId, stage: work.body.stage });
    const { replyTo, correlationId } = work.delivery;
    if (replyTo !== undefined && correlationId !== undefined) {
      for (const reply of work.replies) {
        const payload: ReplyPayload = { correlationId, ...reply };
        this.ports.bus.broadcast(replyTopic(replyTo), payload);
      }
    }
    const labels = { flow: work.body.flow, type: work.body.type };
    if (move.state === "ended")
      this.ports.telemetry.count("valence_runs_ended_total", { ...labels, end: move.next });
    if (move.state === "parked") {
      this.ports.telemetry.count("valence_runs_parked_total", { flow: work.body.flow, reason: move.next });
      this.ports.telemetry.log("warn", { event: "run.parked", ...this.#where(work, 0), reason: move.next });
    }
  }

  #where(work: Work, step: number): { runId: string; stage: string; step: number } {
    return { runId: work.body.runId, stage: work.body.stage, step };
  }

  /** The one log event of a transaction. */
  #report(work: Work, outcome: string): void {
    const { telemetry, clock } = this.ports;
    const { body, stage, delivery } = work;
    const atomsMs = work.steps.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
    telemetry.count("valence_transactions_total", { transaction: stage.transaction, outcome });
    telemetry.observe(
      "valence_queue_wait_seconds",
      { transaction: stage.transaction },
      delivery.queueWaitMs / 1000,
    );
    telemetry.observe("valence_atoms_seconds", { transaction: stage.transaction }, atomsMs / 1000);
    telemetry.log("info", {
      event: "transaction.ended",
      runId: body.runId,
      orderId: body.fields["orderId"],
      flow: body.flow,
      stage: body.stage,
      transaction: stage.transaction,
      outcome,
      steps: work.steps.map(
        ({ atom, outcome: stepOutcome, elapsedMs }) => `${atom}=${stepOutcome}/${elapsedMs}ms`,
      ),
      elapsedMs: Math.round(clock.monotonicMs() - work.startedMs),
      commitMs: Math.round(work.commitMs),
      queueWaitMs: Math.round(delivery.queueWaitMs),
    });
  }
}

function refuse(result: CommitResult): never {
  if (result.result === "leaseLost") throw new Superseded();
  if (result.result === "fenceLost") throw new Behind();
  throw new Conflict();
}

const withoutFields = (message: OutgoingMessage): Row => {
  const { fields: _fields, ...body } = message.body;
  return { queue: message.queue, body };
};
