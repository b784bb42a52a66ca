/** Runs one atom once: timeout, repeats, and the checks that keep an atom within its declaration. */
import type { Atom, AtomContext, AtomResult, AtomRun, RunInfo } from "../atom.js";
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
  readonly sendDeadlineMs?: number;
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
  const done = (result: AtomResult): StepDone => {
    checkResult(request.linked.atom, result);
    return { result, elapsedMs: stepPorts.clock.monotonicMs() - startedMs };
  };
  const answer = runOnce(request, stepPorts);
  return answer instanceof Promise ? answer.then(done) : done(answer);
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

function runOnce(request: StepRequest, { clock, ports }: StepPorts): AtomResult | Promise<AtomResult> {
  const { linked, run, index } = request;
  const { step, atom } = linked;
  // Made when somebody looks at it: most steps are pure and end before anything could be revoked.
  let controller: AbortController | undefined;
  const revoke = (): AbortController => (controller ??= new AbortController());
  const context: AtomContext<never> = {
    run,
    params: step.params,
    ports: ports as never,
    nowMs: clock.nowMs(),
    id: (n = 0) => deriveTimedId(run.runId, `${run.hop}:${index}:${n}`),
    get signal() {
      return revoke().signal;
    },
    delivery: request.delivery,
  };
  const call = callOf(request);
  const leftMs = timeLeftMs(request, clock);
  // Others may inquire by now: what is sent from here on they would never hear of.
  if (leftMs <= 0) throw new ValenceError("step_timeout", `${atom.name} may not send any more`);
  try {
    const answer = call(visibleFields(linked, request.fields), context);
    if (!(answer instanceof Promise)) return answer;
    return withDeadline(answer, leftMs, clock, revoke, atom.name).catch((error: unknown) => {
      throw failureOf(error, atom.name);
    });
  } catch (error) {
    throw failureOf(error, atom.name);
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
  const untilDeadlineMs = sendDeadlineMs === undefined ? Infinity : sendDeadlineMs - clock.monotonicMs();
  return Math.min(linked.step.timeoutMs, untilDeadlineMs);
}

function visibleFields({ visible }: LinkedStep, fields: Row): Row {
  const input: Record<string, unknown> = {};
  for (const name of visible) if (fields[name] !== undefined) input[name] = fields[name];
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
  revoke: () => AbortController,
  atomName: string,
): Promise<AtomResult> {
  return new Promise((resolve, reject) => {
    let cancel = clock.after(timeoutMs, () => {
      revoke().abort(
        new ValenceError("step_timeout", `${atomName} did not finish in ${Math.round(timeoutMs)} ms`),
      );
      cancel = clock.after(abortGraceMs, () => {
        reject(new ValenceError("step_timeout", `${atomName} did not finish in ${Math.round(timeoutMs)} ms`));
      });
    });
    answer.then(resolve, reject).finally(() => {
      cancel();
    });
  });
}

function checkResult(atom: Atom<never>, result: AtomResult): void {
  const outcome = Object.hasOwn(atom.outcomes, result.outcome) ? atom.outcomes[result.outcome] : undefined;
  if (!outcome) {
    throw new ValenceError("outcome_undeclared", `${atom.name} returned ${result.outcome}`);
  }
  const fields = result.fields ?? {};
  for (const name of outcome.writes ?? []) {
    if (fields[name] === undefined) {
      throw new ValenceError(
        "field_undeclared",
        `${atom.name} ended ${result.outcome} without writing ${name}`,
      );
    }
  }
  for (const name of Object.keys(fields)) {
    if (!outcome.writes?.includes(name) && !outcome.mayWrite?.includes(name)) {
      throw new ValenceError("field_undeclared", `${atom.name} wrote ${name} with outcome ${result.outcome}`);
    }
  }
}
