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
import { ValenceError } from "../errors.js";
import { runDayOf } from "../ids.js";
import { limits } from "../limits.js";
import type { Bus, Delivery, OutgoingMessage, Permit } from "../ports/bus.js";
import type { Clock, Random } from "../ports/clock.js";
import type { CommitResult, Row, Store, StoredSignal, Unit } from "../ports/store.js";
import type { Telemetry } from "../ports/telemetry.js";
import { advance, type Move } from "./advance.js";
import type { Crash } from "./crash-points.js";
import { Guests, type PlanPeek } from "./guests.js";
import { KeptInputs } from "./kept-inputs.js";
import type { LinkedPlan, LinkedStep, LinkedTransaction } from "./linked-plan.js";
import { type ReplyPayload, replyTopic, type RunBody, runBodyOf } from "./message.js";
import { performStep } from "./perform.js";
import { announcing } from "./publications.js";
import { reportTransaction } from "./report.js";
import { Behind, Conflict, refuse, Superseded } from "./refused.js";
import { carriedMessage, resumePoint } from "./resume.js";
import type { Catalogue } from "../registry/catalogue.js";
import { Apart, placeOf, stageOf, Work } from "./work.js";

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

/** The next stage, entered without a message, and the room taken for it. */
interface Onward {
  readonly message: OutgoingMessage;
  readonly stage: LinkedTransaction;
  readonly permit?: Permit;
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

export class Executor {
  readonly #guests: Guests;
  readonly #inputs: KeptInputs;

  /** @param planOf plans that runs may be started with here and now */
  constructor(
    private readonly ports: ExecutorPorts,
    planOf: PlanPeek,
  ) {
    this.#inputs = new KeptInputs(ports.clock);
    this.#guests = new Guests(ports, planOf, async (work, linked) => {
      if (this.#inputs.keeps(work.body)) work.keepInput();
      const outcome = await this.#runSteps(work, fromTheStart);
      const facts = { pending: [], signalsGiven: work.body.signalsSeen };
      return { work, outcome, move: this.#move(work, linked, outcome, facts) };
    });
  }

  /** @throws ValenceError when the delivery should be tried again (or buried, if it has failed too often). */
  async run(delivery: Delivery, body: RunBody, linked: LinkedPlan, stage: LinkedTransaction): Promise<void> {
    let mayHaveHistory = delivery.deliveryCount > 1 || body.republished === true;
    const keepsInput = this.#inputs.keeps(body);
    for (let round = 0; round < limits.deliveriesMax; round++) {
      const work = new Work(delivery, body, stage, this.ports.clock.monotonicMs());
      if (keepsInput) work.keepInput();
      this.ports.crash("delivered", placeOf(work));
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
    if ("waitMs" in start) return this.ports.bus.release(work.delivery, start.waitMs, { blame: false });
    if ("finished" in start)
      return this.#consume(work, start.finished && carriedMessage(work, start.finished));
    await this.#play(work, linked, start);
  }

  /** Steps and end of one transaction. */
  async #play(work: Work, linked: LinkedPlan, start: Start): Promise<void> {
    try {
      await this.#close(work, linked, await this.#runSteps(work, start));
    } catch (error) {
      // Whose guard was lost is not known while two hops are one: the first alone will tell.
      if (!(error instanceof Conflict) || work.carries) throw error;
      work.fallBack();
      await this.#close(work, linked, "conflict");
    }
  }

  async #resume(
    work: Work,
  ): Promise<Start | { readonly waitMs: number } | { readonly finished: Row | undefined }> {
    const { body, stage } = work;
    const entries = await this.ports.store.journal(runDayOf(body.runId), body.runId, body.hop);
    const point = resumePoint(entries, stage.steps.length);
    if (point.state === "finished") return { finished: point.carried };
    // A dead letter of the first hop has left a row without a journal.
    const row =
      work.rowState === "none" ? await this.ports.store.find("runs", { runId: body.runId }) : undefined;
    if (row && row["state"] !== "open") return { finished: undefined };
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
      const durable = linked.atom.effect !== "external" || (isStart && start.resumed);
      const sendDeadlineMs = durable ? undefined : await this.#barrierBefore(work, linked, index);
      const call = { linked, index, inquire: isStart && start.inquire, sendDeadlineMs };
      const step = performStep(work, call, this.ports);
      const result = step instanceof Promise ? await step : step;
      if (linked.atom.effect === "external") this.ports.crash("external-returned", where(work, index));
      if (outcome === "ok") outcome = result.outcome;
    }
    return outcome;
  }

  /** Commits what is due before the step; returns the send deadline of an intent made now. */
  async #barrierBefore(work: Work, { step }: LinkedStep, index: number): Promise<number | undefined> {
    if (!step.intent && !work.carries && !(step.barrier && work.unsaved)) return undefined;
    const { clock, random } = this.ports;
    // The owner's clock starts before the commit, the database's in it: the owner's deadline is the earlier one.
    const sendDeadlineMs = clock.monotonicMs() + limits.sendWindowMs;
    const kind = step.intent ? "intent" : "barrier";
    const result = await this.#commit(work, work.barrierUnit(kind, index, random.id(), clock.nowMs()));
    if (result.result !== "committed") refuse(result, work.rowState);
    work.durable();
    if (!step.intent) return undefined;
    this.ports.crash("intent-committed", where(work, index));
    return sendDeadlineMs;
  }

  /** The last commit of the transaction. A wait is entered only by who has looked at every signal given so far. */
  async #close(work: Work, linked: LinkedPlan, outcome: string): Promise<void> {
    let facts: SignalFacts = { pending: [], signalsGiven: work.body.signalsSeen };
    for (let round = 0; round < limits.deliveriesMax; round++) {
      const move = this.#move(work, linked, outcome, facts);
      this.ports.crash("before-commit", placeOf(work));
      if (await this.#carryOn(work, linked, outcome, move)) return;
      const unit = work.endUnit({ outcome, move, owner: this.ports.random.id() });
      if (await this.#closeWithGuests(work, unit)) return this.#afterCommit(work, move, outcome);
      const result = await this.#commit(work, unit);
      if (result.result === "committed") return this.#afterCommit(work, move, outcome);
      // A signal arrived between the look and the wait: look again. Anything else is the transaction's own guard.
      const ofSignals =
        result.result === "conflict" && (result.table === "runs" || result.table === "signals");
      if (!ofSignals || work.rowState === "none" || work.carries) refuse(result, work.rowState);
      facts = await this.#signalFacts(work);
    }
    throw new ValenceError("step_failed", `run ${work.body.runId} cannot enter its wait`);
  }

  /** Commits the unit together with the runs its events start, where that is possible. False: nothing has happened. */
  async #closeWithGuests(work: Work, unit: Unit): Promise<boolean> {
    const party = await this.#guests.join(work, unit);
    if (!party) return false;
    try {
      if ((await this.#commit(work, party.unit)).result !== "committed") return false;
    } catch (error) {
      // Whose data it was that the database refused is found out one by one.
      const refused = error instanceof ValenceError && error.code === "write_rejected";
      if (error instanceof Apart || refused) return false;
      throw error;
    }
    for (const guest of party.guests) {
      this.ports.bus.note(guest.work.delivery);
      this.#afterCommit(guest.work, guest.move, guest.outcome);
    }
    return true;
  }

  /**
   * Goes on with the next stage at once, if this process serves its queue: what both hops do before the next durable
   * point is one commit, and the message in hand stands for the run until the last of them is over. Resolves when the
   * run is there, or when its work has moved to the other queue's consumer. False: nothing has happened, and the next
   * stage gets a message.
   */
  async #carryOn(work: Work, linked: LinkedPlan, outcome: string, move: Move): Promise<boolean> {
    const onward = this.#onward(work, linked, move);
    if (!onward) return false;
    const { message, stage, permit } = onward;
    const { clock, random } = this.ports;
    const unit = this.#together(work, work.endUnit({ outcome, move, owner: random.id() }));
    const delivery: Delivery = { ...work.delivery, queue: message.queue, queueWaitMs: 0 };
    const ahead = new Work(delivery, runBodyOf(message), stage, clock.monotonicMs(), {
      open: [...work.open, stageOf(work)],
      carried: {
        unit: { ...unit, publish: unit.publish.filter((each) => each !== message) },
        committed: () => {
          const over = rest.then(() => undefined);
          // A consumer that is being stopped asks no more; the lease tells what became of the message.
          over.catch(() => undefined);
          permit?.take(delivery, over);
          hasMoved();
          work.committed();
          this.#afterCommit(work, move, outcome);
        },
      },
    });
    let hasMoved: () => void = () => undefined;
    const moved = new Promise<true>((resolve) => {
      hasMoved = () => {
        resolve(true);
      };
    });
    const rest = this.#goAhead(ahead, linked, message).then((went) => {
      if (went) return true;
      permit?.cancel();
      // The first hop of all is tried alone: with a unit less each time, a lost guard would be asked about many times.
      if (work.carries) throw new Apart();
      return false;
    });
    return permit ? Promise.race([rest, moved]) : rest;
  }

  #onward(work: Work, { stages }: LinkedPlan, { state, publish }: Move): Onward | undefined {
    const [message] = publish;
    if (state !== "open" || !message) return undefined;
    const stage = stages.get(String(message.body["stage"]));
    if (stage?.kind !== "transaction" || stage.readsRows) return undefined;
    const { bus } = this.ports;
    if (!stage.external) return bus.serves(message.queue) ? { message, stage } : undefined;
    // A delivery moves once.
    if (work.carries) return undefined;
    const permit = bus.permit(message.queue);
    return permit && { message, stage, permit };
  }

  /** @returns false when nothing of it has happened; what fails afterwards, the run's next message finds in the journal */
  async #goAhead(ahead: Work, linked: LinkedPlan, message: OutgoingMessage): Promise<boolean> {
    try {
      this.ports.crash("delivered", placeOf(ahead));
      await this.#play(ahead, linked, fromTheStart);
    } catch (error) {
      if (ahead.carries) return false;
      if (error instanceof Superseded) this.#superseded(ahead);
      else if (error instanceof Behind || error instanceof ValenceError) {
        this.ports.telemetry.log("warn", {
          event: "run.handed-on",
          ...where(ahead, 0),
          detail: String(error),
        });
        await this.#consume(ahead, { ...message, body: { ...message.body, republished: true } });
      } else throw error;
    }
    return true;
  }

  #move(work: Work, { plan }: LinkedPlan, outcome: string, facts: SignalFacts): Move {
    const { delivery, body } = work;
    const move = advance({
      plan,
      body: { ...body, fields: work.fields },
      outcome,
      nowMs: this.ports.clock.nowMs(),
      rowState: work.rowState,
      rowHop: body.hop,
      reply: replyOf(delivery),
      ...facts,
    });
    return announcing(move, body.type, this.ports);
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
    const { clock, store } = this.ports;
    const whole = this.#together(work, unit);
    const startedMs = clock.monotonicMs();
    const result = await store.commit(whole);
    work.commitMs += clock.monotonicMs() - startedMs;
    if (result.result === "committed") work.committed();
    return result;
  }

  #together(work: Work, unit: Unit): Unit {
    return work.together(unit, (table) => this.ports.store.shape(table));
  }

  /** The hop is over: the message goes, and the next one comes if the run still depends on this. */
  async #consume(work: Work, next?: OutgoingMessage): Promise<void> {
    await this.ports.store.commit({
      message: { held: work.delivery, consume: true },
      writes: [],
      publish: next ? [next] : [],
    });
    this.ports.telemetry.log("info", { event: "delivery.repeated", ...where(work, 0) });
  }

  /** What was done is somebody else's now; what it brought back is evidence. */
  #superseded(work: Work): void {
    this.ports.telemetry.log("warn", { event: "delivery.superseded", ...where(work, 0), steps: work.steps });
  }

  #afterCommit(work: Work, move: Move, outcome: string): void {
    const { telemetry, bus, crash } = this.ports;
    crash("committed", placeOf(work));
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
    reportTransaction(work, outcome, this.ports);
  }
}

const replyOf = ({ replyTo, correlationId }: Delivery): Pick<OutgoingMessage, "replyTo" | "correlationId"> =>
  replyTo === undefined || correlationId === undefined ? {} : { replyTo, correlationId };

const where = ({ body: { runId, flow, stage } }: Work, step: number) => ({ runId, flow, stage, step });
