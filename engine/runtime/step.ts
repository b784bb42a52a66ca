/** Runs one atom once: timeout, repeats, and the checks that keep an atom within its declaration. */
import type { AtomContext, AtomResult, AtomRun, RunInfo } from "../atom.js";
import { ValenceError } from "../errors.js";
import { deriveTimedId } from "../ids.js";
import type { Clock } from "../ports/clock.js";
import { sleep } from "../ports/clock.js";
import type { Row } from "../ports/store.js";
import type { LinkedStep } from "./linked-plan.js";

export interface StepRequest {
  readonly linked: LinkedStep;
  readonly index: number;
  readonly fields: Row;
  readonly run: RunInfo;
  readonly delivery: number;
  /** `inquire`: find out about an earlier call instead of making one. */
  readonly mode: "run" | "inquire";
  /** External steps with an intent: monotonic time after which nothing may be sent. */
  readonly sendDeadlineMs: number | undefined;
}

export interface StepDone {
  readonly result: AtomResult;
  readonly elapsedMs: number;
}

export interface StepPorts {
  readonly clock: Clock;
  /** What atoms see as `context.ports`. */
  readonly ports: unknown;
}

/**
 * @throws ValenceError `step_timeout`, `step_failed`, `outcome_undeclared`, `field_undeclared`. The context of a
 *   step that timed out is revoked by its abort signal; what it returns later is ignored. A step whose send deadline
 *   has passed before it began is not run at all.
 */
export function runStep(request: StepRequest, stepPorts: StepPorts): StepDone | Promise<StepDone> {
  const { step } = request.linked;
  const startedMs = stepPorts.clock.monotonicMs();
  // An intent allows one call; whether it was made is found out by inquiry, never by trying again.
  if (step.retry.max === 0 || step.intent) return runAttempt(request, stepPorts, startedMs);
  return runRepeatedly(request, stepPorts, startedMs);
}

/** Most atoms only compute: an attempt of theirs is a function call. */
function runAttempt(
  request: StepRequest,
  stepPorts: StepPorts,
  startedMs: number,
): StepDone | Promise<StepDone> {
  const answer = runOnce(request, stepPorts);
  return answer instanceof Promise
    ? answer.then((result) => checked(request, stepPorts, startedMs, result))
    : checked(request, stepPorts, startedMs, answer);
}

function checked(
  { linked }: StepRequest,
  { clock }: StepPorts,
  startedMs: number,
  result: AtomResult,
): StepDone {
  checkResult(linked, result);
  return { result, elapsedMs: clock.monotonicMs() - startedMs };
}

async function runRepeatedly(
  request: StepRequest,
  stepPorts: StepPorts,
  startedMs: number,
): Promise<StepDone> {
  const { clock } = stepPorts;
  const { linked } = request;
  for (let attempt = 0; ; attempt++) {
    try {
      return await runAttempt(request, stepPorts, startedMs);
    } catch (error) {
      if (attempt >= linked.step.retry.max || isDefect(error)) throw error;
    }
    await sleep(clock, linked.step.retry.delayMs);
  }
}

const isDefect = (error: unknown): boolean =>
  error instanceof ValenceError && (error.code === "outcome_undeclared" || error.code === "field_undeclared");

class StepContext implements AtomContext<never> {
  readonly run: RunInfo;
  readonly params: Row;
  readonly delivery: number;
  readonly id = (n = 0): string => deriveTimedId(this.run.runId, `${this.run.hop}:${this.index}:${n}`);
  private readonly index: number;
  /** Made when somebody looks at it: most steps are pure and end before anything could be revoked. */
  private controller: AbortController | undefined;

  constructor(
    { run, linked, delivery, index }: StepRequest,
    readonly ports: never,
    readonly nowMs: number,
  ) {
    this.run = run;
    this.params = linked.step.params;
    this.delivery = delivery;
    this.index = index;
  }

  get signal(): AbortSignal {
    return this.revocation().signal;
  }

  revocation(): AbortController {
    return (this.controller ??= new AbortController());
  }
}

function runOnce(request: StepRequest, { clock, ports }: StepPorts): AtomResult | Promise<AtomResult> {
  const { linked } = request;
  const { name } = linked.atom;
  const context = new StepContext(request, ports as never, clock.nowMs());
  const call = callOf(request);
  const leftMs = timeLeftMs(request, clock);
  // Others may inquire by now: what is sent from here on they would never hear of.
  if (leftMs <= 0) throw new ValenceError("step_timeout", `${name} may not send any more`);
  try {
    const answer = call(visibleFields(linked, request.fields), context);
    if (!(answer instanceof Promise)) return answer;
    return withDeadline(answer, leftMs, clock, context, name).catch((error: unknown) => {
      throw failureOf(error, name);
    });
  } catch (error) {
    throw failureOf(error, name);
  }
}

const failureOf = (error: unknown, atomName: string): ValenceError =>
  error instanceof ValenceError
    ? error
    : new ValenceError("step_failed", `${atomName} threw ${String(error)}`, { cause: error });

/** Never falls back from asking to calling. */
function callOf({ linked: { atom }, mode }: StepRequest): AtomRun<Row, never> {
  if (mode === "run") return atom.run;
  if (!atom.inquire) throw new ValenceError("step_failed", `${atom.name} cannot be asked what it did`);
  return atom.inquire;
}

/** The shorter of the step's own timeout and what the send deadline leaves. */
function timeLeftMs({ linked, sendDeadlineMs }: StepRequest, clock: Clock): number {
  const { timeoutMs } = linked.step;
  return sendDeadlineMs === undefined ? timeoutMs : Math.min(timeoutMs, sendDeadlineMs - clock.monotonicMs());
}

function visibleFields({ visible }: LinkedStep, fields: Row): Row {
  const input: Record<string, unknown> = {};
  for (const name of visible) {
    const value = fields[name];
    if (value !== undefined) input[name] = value;
  }
  return input;
}

/**
 * A channel driver answers `unknown` when its signal aborts, so a short grace lets that answer (and its evidence)
 * arrive; an atom that ignores the signal is left behind with `step_timeout`.
 */
const abortGraceMs = 250;

function withDeadline(
  answer: Promise<AtomResult>,
  timeoutMs: number,
  clock: Clock,
  context: StepContext,
  atomName: string,
): Promise<AtomResult> {
  return new Promise((resolve, reject) => {
    let cancel = clock.after(timeoutMs, () => {
      context
        .revocation()
        .abort(new ValenceError("step_timeout", `${atomName} did not finish in ${Math.round(timeoutMs)} ms`));
      cancel = clock.after(abortGraceMs, () => {
        reject(new ValenceError("step_timeout", `${atomName} did not finish in ${Math.round(timeoutMs)} ms`));
      });
    });
    answer.then(resolve, reject).finally(() => {
      cancel();
    });
  });
}

function checkResult({ atom, outcomes }: LinkedStep, { outcome, fields }: AtomResult): void {
  const declared = outcomes.get(outcome);
  if (!declared) throw new ValenceError("outcome_undeclared", `${atom.name} returned ${outcome}`);
  for (const name of declared.writes) {
    if (fields?.[name] === undefined)
      throw new ValenceError("field_undeclared", `${atom.name} ended ${outcome} without writing ${name}`);
  }
  if (!fields) return;
  for (const name of Object.keys(fields)) {
    if (!declared.mayWrite.has(name))
      throw new ValenceError("field_undeclared", `${atom.name} wrote ${name} with outcome ${outcome}`);
  }
}
