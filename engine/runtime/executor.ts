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
import type { AtomResult } from "../atom.js";
import { ValenceError } from "../errors.js";
import { runDayOf } from "../ids.js";
import { limits } from "../limits.js";
import type { Bus, Delivery } from "../ports/bus.js";
import type { Clock, Random } from "../ports/clock.js";
import type { CommitResult, Store, StoredSignal, Unit } from "../ports/store.js";
import type { Telemetry } from "../ports/telemetry.js";
import { advance, type Move } from "./advance.js";
import type { Crash } from "./crash-points.js";
import type { LinkedPlan, LinkedStep, LinkedTransaction } from "./linked-plan.js";
import { type ReplyPayload, replyTopic, type RunBody } from "./message.js";
import { publications } from "./publications.js";
import { channelOf, reportTransaction } from "./report.js";
import { resumePoint } from "./resume.js";
import { runStep } from "./step.js";
import type { Catalogue } from "../registry/catalogue.js";
import { Work } from "./work.js";

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

/** Where a delivery begins. */
interface Start {
  readonly step: number;
  /** Something durable lies behind this step already. */
  readonly resumed: boolean;
  /** The step is an intent without a result: ask before anything else. */
  readonly inquire: boolean;
}
const fromTheStart: Start = { step: 0, resumed: false, inquire: false };

/** What a wait that is about to be entered has to know about signals. */
interface SignalFacts {
  readonly pending: readonly StoredSignal[];
  readonly signalsGiven: number;
}

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
      const work = new Work(delivery, body, stage, this.ports.clock.monotonicMs());
      this.ports.crash("delivered", { runId: body.runId, stage: body.stage });
      try {
        await this.#perform(work, linked, mayHaveHistory);
        return;
      } catch (error) {
        if (error instanceof Superseded) return this.#superseded(work);
        if (!(error instanceof Behind)) throw error;
        mayHaveHistory = true;
      }
    }
    throw new ValenceError("step_failed", `run ${body.runId} cannot catch up with its journal`);
  }

  async #perform(work: Work, linked: LinkedPlan, mayHaveHistory: boolean): Promise<void> {
    const start = mayHaveHistory ? await this.#resume(work) : fromTheStart;
    if (start === "finished") return this.#consume(work);
    if ("waitMs" in start) return this.ports.bus.release(work.delivery, start.waitMs, { blame: false });
    let outcome: string;
    try {
      outcome = await this.#runSteps(work, start);
      await this.#close(work, linked, outcome);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      outcome = "conflict";
      work.fallBack();
      await this.#close(work, linked, outcome);
    }
    reportTransaction(work, outcome, this.ports);
  }

  async #resume(work: Work): Promise<Start | { readonly waitMs: number } | "finished"> {
    const { body, stage } = work;
    const entries = await this.ports.store.journal(runDayOf(body.runId), body.runId, body.hop);
    const point = resumePoint(entries, stage.steps.length);
    if (point.state === "finished") return point.state;
    // A dead letter of the first hop has left a row without a journal.
    const row =
      work.rowState === "none" ? await this.ports.store.find("runs", { runId: body.runId }) : undefined;
    if (row && row["state"] !== "open") return "finished";
    if (row) work.rowExists();
    if (point.state === "fresh") {
      work.startAt(point.point);
      return fromTheStart;
    }
    if (point.inquire && point.sendDeadlineInMs > 0) return { waitMs: point.sendDeadlineInMs };
    work.resumeAt(point);
    return { step: point.step, resumed: true, inquire: point.inquire };
  }

  /** Steps in order; returns the transaction's outcome. */
  async #runSteps(work: Work, start: Start): Promise<string> {
    let outcome = "ok";
    const { steps } = work.stage;
    for (let index = start.step; index < steps.length; index++) {
      const linked = steps[index] as LinkedStep;
      if (outcome !== "ok" && !linked.step.always) continue;
      if (linked.when && !linked.when.evaluate(work.fields)) continue;
      const isStart = index === start.step;
      const sendDeadlineMs =
        isStart && start.resumed ? undefined : await this.#barrierBefore(work, linked, index);
      const result = await this.#runStep(work, linked, index, isStart && start.inquire, sendDeadlineMs);
      if (linked.atom.effect === "external") this.ports.crash("external-returned", where(work, index));
      if (outcome === "ok") outcome = result.outcome;
    }
    return outcome;
  }

  /** Commits what is due before the step; returns the send deadline of an intent made now. */
  async #barrierBefore(work: Work, { atom, step }: LinkedStep, index: number): Promise<number | undefined> {
    if (atom.effect !== "external") return undefined;
    if (!step.intent && !(step.barrier && work.unsaved)) return undefined;
    const { clock, random } = this.ports;
    // The owner's clock starts before the commit, the database's in it: the owner's deadline is the earlier one.
    const sendDeadlineMs = clock.monotonicMs() + limits.sendWindowMs;
    const kind = step.intent ? "intent" : "barrier";
    const result = await this.#commit(work, work.barrierUnit(kind, index, random.id(), clock.nowMs()));
    if (result.result !== "committed") refuse(result, work);
    work.durable();
    if (!step.intent) return undefined;
    this.ports.crash("intent-committed", where(work, index));
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
    const isExternal = linked.atom.effect === "external";
    const trace = {
      atom: linked.atom.name,
      outcome: result.outcome,
      elapsedMs: Math.round(elapsedMs * 1000) / 1000,
      ...(inquire ? { inquired: true } : {}),
      ...(result.trace ? { trace: result.trace } : {}),
    };
    work.absorb(result, trace, publications(result, body, index, this.ports), isExternal);
    const { telemetry } = this.ports;
    const atom = linked.atom.name;
    telemetry.count("valence_steps_total", { atom, outcome: result.outcome });
    telemetry.observe("valence_step_seconds", { atom }, elapsedMs / 1000);
    if (isExternal) {
      const channel = channelOf(delivery.queue);
      telemetry.observe("valence_channel_seconds", { atom, channel }, elapsedMs / 1000);
    } else work.atomsMs += elapsedMs;
    return result;
  }

  /** The last commit of the transaction. A wait is entered only by who has looked at every signal given so far. */
  async #close(work: Work, linked: LinkedPlan, outcome: string): Promise<void> {
    let facts: SignalFacts = { pending: [], signalsGiven: work.body.signalsSeen };
    for (let round = 0; round < limits.deliveriesMax; round++) {
      const move = this.#move(work, linked, outcome, facts);
      this.ports.crash("before-commit", { runId: work.body.runId, stage: work.body.stage });
      const unit = work.endUnit({ outcome, move, owner: this.ports.random.id() });
      const result = await this.#commit(work, unit);
      if (result.result === "committed") return this.#afterCommit(work, move);
      // A signal arrived between the look and the wait: look again. Anything else is the transaction's own guard.
      const ofSignals =
        result.result === "conflict" && (result.table === "runs" || result.table === "signals");
      if (!ofSignals || work.rowState === "none") refuse(result, work);
      facts = await this.#signalFacts(work);
    }
    throw new ValenceError("step_failed", `run ${work.body.runId} cannot enter its wait`);
  }

  #move(work: Work, { plan }: LinkedPlan, outcome: string, facts: SignalFacts): Move {
    const { delivery, body } = work;
    return advance({
      plan,
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

  async #signalFacts(work: Work): Promise<SignalFacts> {
    const { runId } = work.body;
    const row = await this.ports.store.find("runs", { runId });
    if (row?.["state"] !== "open") {
      // Parked or ended by a person while this delivery worked: its unit must not take effect.
      await this.#consume(work);
      throw new Superseded();
    }
    return {
      pending: await this.ports.store.pendingSignals(runId),
      signalsGiven: Number(row["signalsGiven"]),
    };
  }

  async #commit(work: Work, unit: Unit): Promise<CommitResult> {
    const startedMs = this.ports.clock.monotonicMs();
    const result = await this.ports.store.commit(unit);
    work.commitMs += this.ports.clock.monotonicMs() - startedMs;
    return result;
  }

  /** Somebody finished this hop before: the message goes, nothing else happens. */
  async #consume(work: Work): Promise<void> {
    await this.ports.store.commit({
      message: { held: work.delivery, consume: true },
      writes: [],
      publish: [],
    });
    this.ports.telemetry.log("info", { event: "delivery.repeated", ...where(work, 0) });
  }

  /** What was done is somebody else's now; what it brought back is evidence. */
  #superseded(work: Work): void {
    this.ports.telemetry.log("warn", { event: "delivery.superseded", ...where(work, 0), steps: work.steps });
  }

  #afterCommit(work: Work, move: Move): void {
    const { telemetry, bus, crash } = this.ports;
    crash("committed", { runId: work.body.runId, stage: work.body.stage });
    const { replyTo, correlationId } = work.delivery;
    if (replyTo !== undefined && correlationId !== undefined) {
      for (const reply of work.replies) {
        const payload: ReplyPayload = { correlationId, ...reply };
        bus.broadcast(replyTopic(replyTo), payload);
      }
    }
    const { flow, type } = work.body;
    if (move.state === "ended") telemetry.count("valence_runs_ended_total", { flow, type, end: move.next });
    if (move.state === "parked") {
      telemetry.count("valence_runs_parked_total", { flow, reason: move.next });
      telemetry.log("warn", { event: "run.parked", ...where(work, 0), reason: move.next });
    }
  }
}

const where = ({ body }: Work, step: number): { runId: string; stage: string; step: number } => ({
  runId: body.runId,
  stage: body.stage,
  step,
});

function refuse(result: Exclude<CommitResult, { readonly result: "committed" }>, { rowState }: Work): never {
  if (result.result === "leaseLost") throw new Superseded();
  if (result.result === "fenceLost") throw new Behind();
  // The run has a row nobody told this delivery of.
  if (result.table === "runs" && rowState === "none") throw new Behind();
  throw new Conflict();
}
