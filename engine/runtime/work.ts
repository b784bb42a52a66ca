/**
 * What one delivery has done and not yet made durable: fields, writes, messages and replies of the steps so far. The
 * executor decides when something happens; this file knows what a unit of work then consists of.
 *
 * Work may begin ahead of its message: the hop before is over and not committed yet, and its unit is `carried` along
 * until the first durable point of this one makes both durable at once.
 *
 * `absorb` adds a step's result, `durable` says that everything so far is committed, `fallBack` that a lost guard has
 * taken it.
 */
import type { AtomResult, Reply, RunInfo } from "../atom.js";
import { runDayOf } from "../ids.js";
import { limits } from "../limits.js";
import type { Delivery, OutgoingMessage } from "../ports/bus.js";
import type { JournalEntry, JournalKind, Row, Store, Unit, Write } from "../ports/store.js";
import { insertRun, type Move } from "./advance.js";
import type { CrashContext } from "./crash-points.js";
import { carriedOn, joinUnits } from "./join.js";
import { add, merged } from "../rows.js";
import type { LinkedTransaction } from "./linked-plan.js";
import type { RunBody } from "./message.js";
import type { ResumePoint, StepTrace } from "./resume.js";

/** Two hops do not fit into one statement: the first is committed alone, and its message leads to the second. */
export class Apart extends Error {}

/** What the end of a transaction adds to its unit. */
export interface Ending {
  readonly outcome: string;
  readonly move: Move;
  /** Unique per attempt to commit. */
  readonly owner: string;
}

/** The unit of the hop before, and what is to follow when it is durable. */
interface Carried {
  readonly unit: Unit;
  readonly committed: () => void;
}

/** What this work stands on that is not durable. */
interface Ground {
  /** `flow/stage` of what is over and not durable. */
  readonly open: readonly string[];
  readonly carried?: Carried;
}

const solid: Ground = { open: [] };

export class Work {
  readonly steps: StepTrace[] = [];
  /** Milliseconds spent in commits. */
  commitMs = 0;
  /** Milliseconds spent in atoms that stay inside, by this delivery. */
  atomsMs = 0;
  /** What atoms are told of the run. */
  readonly run: RunInfo;
  #fields: Record<string, unknown>;
  /** Written in this hop. Every durable point repeats it whole, so that the last one says it all. */
  #written: Record<string, unknown> = {};
  /**
   * What survives a lost guard: the fields of the last durable point, and what an external atom has learnt since.
   * The world does not forget what it was asked to do because a row of ours was taken.
   */
  #kept: { readonly fields: Row; readonly written: Row };
  #writes: Write[] = [];
  #publish: OutgoingMessage[] = [];
  #replies: Reply[] = [];
  #rowState: "none" | "open";
  /** Number of this hop's next durable point. */
  #point = 0;
  #keepsInput = false;

  constructor(
    readonly delivery: Delivery,
    readonly body: RunBody,
    readonly stage: LinkedTransaction,
    readonly startedMs: number,
    private ground: Ground = solid,
  ) {
    const { runId, flow, type, stage: name, hop, acceptedAtMs } = body;
    this.run = { runId, flow, type, stage: name, hop, acceptedAtMs };
    this.#fields = merged(body.fields);
    this.#kept = { fields: body.fields, written: {} };
    this.#rowState = body.hop === 0 ? "none" : "open";
  }

  /** Everything the run knows. */
  get fields(): Row {
    return this.#fields;
  }

  /** For whoever started the run; they leave after the last commit. */
  get replies(): readonly Reply[] {
    return this.#replies;
  }

  /** `none` until this run's row is known to exist. */
  get rowState(): "none" | "open" {
    return this.#rowState;
  }

  /** The hop before is not durable: what this one does may still not have happened. */
  get carries(): boolean {
    return this.ground.carried !== undefined;
  }

  /** `flow/stage` of what happened before this and is not durable. */
  get open(): readonly string[] {
    return this.ground.open;
  }

  /**
   * The unit to be committed: with what is carried, if anything is.
   * @throws Apart when one statement cannot hold both
   */
  together(unit: Unit, shapeOf: Store["shape"]): Unit {
    if (!this.ground.carried) return unit;
    const before = this.ground.carried.unit;
    // The message stays for the rest of this hop, although an entry says that its own is over.
    const first = unit.message?.consume === true ? before : { ...before, journal: carriedOn(before.journal) };
    const whole = joinUnits(first, unit, shapeOf);
    if (!whole) throw new Apart();
    return whole;
  }

  /** What was carried is durable. */
  committed(): void {
    const { carried } = this.ground;
    this.ground = solid;
    carried?.committed();
  }

  /** The first durable point of this hop will say what the run began with. Of a first hop only. */
  keepInput(): void {
    this.#keepsInput = true;
  }

  /** Something would be lost if the process died now. */
  get unsaved(): boolean {
    return this.#writes.length > 0 || this.#publish.length > 0;
  }

  /** Goes on where an earlier delivery was durable. */
  resumeAt({ fields, steps, point }: ResumePoint): void {
    add(this.#fields, fields);
    add(this.#written, fields);
    this.steps.push(...steps);
    this.#saved(point);
  }

  /** Nothing of this hop is durable, but its first points are taken. */
  startAt(point: number): void {
    this.#point = point;
  }

  /** The run's row was found. */
  rowExists(): void {
    this.#rowState = "open";
  }

  /** Takes a step's result in; what an external step has learnt is kept whatever becomes of the unit. */
  absorb(result: AtomResult, trace: StepTrace, publish: readonly OutgoingMessage[], external: boolean): void {
    this.steps.push(trace);
    if (result.fields) {
      add(this.#fields, result.fields);
      add(this.#written, result.fields);
    }
    if (external) this.#keep();
    if (result.writes) this.#writes.push(...result.writes);
    if (publish.length > 0) this.#publish.push(...publish);
    if (result.reply) this.#replies.push(result.reply);
  }

  /** Everything so far is committed. */
  durable(): void {
    this.#saved(this.#point + 1);
  }

  #saved(nextPoint: number): void {
    this.#point = nextPoint;
    this.#keep();
    this.#writes = [];
    this.#publish = [];
    this.#rowState = "open";
  }

  /** A lost guard takes everything since the last durable point with it, except what the world has answered. */
  fallBack(): void {
    this.#fields = merged(this.#kept.fields);
    this.#written = merged(this.#kept.written);
    this.#writes = [];
    this.#publish = [];
    this.#replies = [];
  }

  /** Commits what there is before step `step` and keeps the message. */
  barrierUnit(kind: Exclude<JournalKind, "end">, step: number, owner: string, nowMs: number): Unit {
    const entry = this.#entry(kind, step, "", { fields: this.#written, steps: this.steps }, owner);
    const opened = this.#rowState === "none" ? [insertRun(this.body, "open", "", nowMs)] : [];
    return {
      message: { held: this.delivery, consume: false },
      journal: [
        kind === "intent" ? { sendWindowMs: limits.sendWindowMs + limits.clockSkewMsMax, ...entry } : entry,
      ],
      writes: [...opened, ...this.#writes],
      publish: this.#publish,
    };
  }

  /** The last commit of the transaction: result, next message and acknowledgement, all or none. */
  endUnit({ outcome, move, owner }: Ending): Unit {
    const data: Row = {
      fields: merged(this.#written, move.fields),
      steps: this.steps,
      next: move.next,
      // The sweep rebuilds a lost message from the row's body and these.
      ...(move.state === "open" && move.publish[0] ? { message: withoutFields(move.publish[0]) } : {}),
      queueWaitMs: Math.round(this.delivery.queueWaitMs),
    };
    return {
      message: { held: this.delivery, consume: true },
      journal: [this.#entry("end", this.stage.steps.length, outcome, data, owner)],
      writes: [...this.#writes, ...move.writes],
      publish: [...this.#publish, ...move.publish],
    };
  }

  #keep(): void {
    this.#kept = { fields: merged(this.#fields), written: merged(this.#written) };
  }

  #entry(kind: JournalKind, step: number, outcome: string, data: Row, owner: string): JournalEntry {
    const { runId, hop, stage } = this.body;
    return {
      runDay: runDayOf(runId),
      runId,
      hop,
      point: this.#point,
      step,
      kind,
      stage,
      outcome,
      data: this.#keepsInput && this.#point === 0 ? { input: this.body.fields, ...data } : data,
      owner,
    };
  }
}

/** What a run without a message of its own adds to the unit of another. */
export const guestUnit = ({ message: _message, ...unit }: Unit): Unit => unit;

/** As crash contexts name it. */
export const stageOf = ({ body: { flow, stage } }: Work): string => `${flow}/${stage}`;
export const placeOf = ({ body: { runId, flow, stage }, open }: Work): CrashContext => ({
  runId,
  flow,
  stage,
  open,
});

const withoutFields = (message: OutgoingMessage): Row => {
  const { fields: _fields, ...body } = message.body;
  return { queue: message.queue, body };
};
