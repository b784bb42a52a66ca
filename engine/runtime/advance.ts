/**
 * Where a run goes after an outcome, as writes and messages. Pure: the same facts give the same move.
 *
 * The run's row is `open` while a message carries it, `waiting` in a wait, `parked` when a person must decide,
 * `ended`. A move between two transaction stages does not touch the row at all.
 */
import type { Plan, Target, WaitStage } from "../compiler/plan.js";
import { ValenceError, type Problem } from "../errors.js";
import { limits } from "../limits.js";
import type { OutgoingMessage } from "../ports/bus.js";
import type { Row, StoredSignal, Write } from "../ports/store.js";
import { merged } from "../rows.js";
import { runMessage, type RunBody } from "./message.js";

export interface Position {
  readonly plan: Plan;
  /** The message the run arrived with; `fields` already hold what this hop wrote. */
  readonly body: RunBody;
  readonly outcome: string;
  readonly nowMs: number;
  /** State of the run's row before the move; `none` when this unit is the first to write it. */
  readonly rowState: "none" | "open" | "waiting";
  /** `waiting` only: the hop the row waits in. A signal for an older wait moves nothing. */
  readonly rowHop: number;
  /** Signals stored for this run and not taken, as far as anybody has looked. */
  readonly pending: readonly StoredSignal[];
  /** How many signals were given to the run when that look was taken. */
  readonly signalsGiven: number;
  readonly reply: Pick<OutgoingMessage, "replyTo" | "correlationId">;
}

export interface Move {
  readonly writes: readonly Write[];
  readonly publish: readonly OutgoingMessage[];
  /** For journal and log: `stage:settle`, `wait:callback`, `end:paid`, `park:undecided`. */
  readonly next: string;
  readonly state: "open" | "waiting" | "parked" | "ended";
  /** Fields that signals taken on the way brought. */
  readonly fields: Row;
  /** Signals the run ends without having taken. */
  readonly left: readonly StoredSignal[];
}

/** @throws ValenceError `hops_exhausted` */
export function advance(position: Position): Move {
  const from = position.plan.stages[position.body.stage];
  const target = from?.on[position.outcome];
  if (!target) {
    throw new ValenceError(
      "outcome_undeclared",
      `stage ${position.body.stage} of flow ${position.plan.flow} does not map outcome ${position.outcome}`,
    );
  }
  return follow(position, target, [], {});
}

function follow(position: Position, target: Target, taken: readonly Write[], signalFields: Row): Move {
  const { plan } = position;
  // Nobody has worked on the next hop before, whatever was the matter with this one.
  const { republished: _republished, ...body } = position.body;
  const brought = Object.keys(signalFields).length > 0;
  const fields = brought ? merged(body.fields, signalFields) : body.fields;
  const next: RunBody = { ...body, hop: body.hop + 1, fields };
  if (target.to === "end") return settle(position, next, "ended", target.state, taken, signalFields);
  if (target.to === "park") return settle(position, next, "parked", target.reason, taken, signalFields);

  const stage = plan.stages[target.stage];
  if (!stage) throw new ValenceError("plan_unknown", `plan ${plan.hash} has no stage ${target.stage}`);
  if (next.hop >= limits.hopsMax)
    throw new ValenceError("hops_exhausted", `run ${body.runId} entered ${next.hop} stages`);

  const entered = (body.entries[target.stage] ?? 0) + 1;
  if (stage.entriesMax !== undefined && entered > stage.entriesMax) {
    const exhausted = stage.on["exhausted"];
    if (!exhausted) throw new ValenceError("plan_unknown", `stage ${target.stage} has no exhausted target`);
    return follow({ ...position, body: { ...body, hop: next.hop } }, exhausted, taken, signalFields);
  }
  // A wait counts its entries even without a bound: the n-th entry has the n-th timeout.
  const counts = stage.entriesMax !== undefined || stage.kind === "wait";
  const inStage: RunBody = {
    ...next,
    stage: target.stage,
    // What stays pending counts as not seen: the next wait must look for it.
    signalsSeen: position.signalsGiven - position.pending.length,
    entries: counts ? entriesWith(body.entries, target.stage, entered) : body.entries,
  };
  if (stage.kind === "wait") return enterWait(position, inStage, stage, taken, signalFields);
  return {
    writes: [
      ...rowWrites(position, inStage, "open", "", position.rowState === "open" ? "untouched" : "written"),
      ...taken,
    ],
    publish: [runMessage(stage.queue, inStage, { claim: true, ...position.reply })],
    next: `stage:${target.stage}`,
    state: "open",
    fields: signalFields,
    left: [],
  };
}

const entriesWith = (entries: RunBody["entries"], stage: string, entered: number): RunBody["entries"] =>
  merged(entries, { [stage]: entered }) as Record<string, number>;

/** What an atom has said in the stage's field, within what a definition could have said; else the stage's own times. */
function waitMs({ fields, entries, stage: name }: RunBody, stage: WaitStage): number {
  const said = stage.timeoutField === undefined ? undefined : fields[stage.timeoutField];
  if (typeof said === "number") return Math.min(Math.max(1, said), limits.waitTimeoutMsMax);
  const entry = entries[name] ?? 1;
  return stage.timeoutsMs[Math.min(entry, stage.timeoutsMs.length) - 1] ?? limits.waitTimeoutMsMax;
}

/** A signal that came before the wait is taken at once; otherwise the row waits and a timer is set. */
function enterWait(
  position: Position,
  body: RunBody,
  stage: WaitStage,
  taken: readonly Write[],
  signalFields: Row,
): Move {
  const early = position.pending.find(({ signal }) => stage.on[signal]);
  const onward = early && stage.on[early.signal];
  if (early && onward) {
    const rest = { ...position, body, pending: position.pending.filter((signal) => signal !== early) };
    return follow(rest, onward, [...taken, takeSignal(early)], merged(signalFields, early.fields));
  }
  const timeoutMs = waitMs(body, stage);
  const timer: Write = {
    kind: "insert",
    table: "timers",
    exists: "keep",
    row: { runId: body.runId, hop: body.hop, signal: "timeout", dueAt: position.nowMs + timeoutMs },
  };
  return {
    writes: [...rowWrites(position, body, "waiting", stage.wait, "written"), ...taken, timer],
    publish: [],
    next: `wait:${body.stage}`,
    state: "waiting",
    fields: signalFields,
    left: [],
  };
}

const moveSignal =
  (to: "taken" | "late") =>
  ({ signalId }: Pick<StoredSignal, "signalId">): Write => ({
    kind: "transition",
    table: "signals",
    key: { signalId },
    from: ["pending"],
    to,
  });
const takeSignal = moveSignal("taken");
const leaveSignal = moveSignal("late");

function settle(
  position: Position,
  body: RunBody,
  state: "ended" | "parked",
  reason: string,
  taken: readonly Write[],
  signalFields: Row,
): Move {
  const left = state === "ended" ? position.pending : [];
  return {
    writes: [...rowWrites(position, body, state, reason, "written"), ...taken, ...left.map(leaveSignal)],
    publish: [],
    next: `${state === "ended" ? "end" : "park"}:${reason}`,
    state,
    fields: signalFields,
    left,
  };
}

function rowWrites(
  position: Position,
  body: RunBody,
  state: Move["state"],
  reason: string,
  mode: "written" | "untouched",
): readonly Write[] {
  const { nowMs, rowState } = position;
  if (rowState === "none") return [insertRun(body, state, reason, nowMs)];
  if (mode === "untouched") return [];
  return [
    {
      kind: "transition",
      table: "runs",
      key: { runId: body.runId },
      from: [rowState],
      to: state,
      match: matchOf(position, state),
      set: {
        stage: body.stage,
        hop: body.hop,
        reason,
        problem: problemIn(body),
        body: state === "ended" ? null : body,
        updatedAt: nowMs,
      },
    },
  ];
}

/** Whoever enters a wait or ends has looked at every signal given so far; one more, and the guard sends it back. */
function matchOf({ rowState, rowHop: hop, signalsGiven }: Position, state: Move["state"]): Row {
  const looked = state === "waiting" || state === "ended";
  if (rowState === "waiting") return looked ? { hop, signalsGiven } : { hop };
  return looked ? { signalsGiven } : {};
}

/** Why a run was rejected. One that got as far as an order leaves the reason of a failure to that order. */
const problemIn = ({ fields }: RunBody): Problem | null =>
  fields["orderStatus"] === undefined ? ((fields["problem"] as Problem | undefined) ?? null) : null;

export function insertRun(body: RunBody, state: Move["state"], reason: string, nowMs: number): Write {
  return {
    kind: "insert",
    table: "runs",
    exists: "conflict",
    row: {
      runId: body.runId,
      flow: body.flow,
      type: body.type,
      planHash: body.planHash,
      orderId: body.fields["orderId"] ?? null,
      merchantId: body.fields["merchantId"] ?? null,
      state,
      stage: body.stage,
      hop: body.hop,
      reason,
      problem: problemIn(body),
      body: state === "ended" ? null : body,
      signalsGiven: 0,
      createdAt: body.acceptedAtMs,
      updatedAt: nowMs,
    },
  };
}
