/** One step of one delivery: the atom runs, what it answers is taken in, and what is measured of it is told. */
import type { AtomResult } from "../atom.js";
import type { Clock } from "../ports/clock.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { Catalogue } from "../registry/catalogue.js";
import type { LinkedStep } from "./linked-plan.js";
import { publications } from "./publications.js";
import { channelOf } from "./report.js";
import type { StepTrace } from "./resume.js";
import { runStep, type StepDone, type StepRequest } from "./step.js";
import type { Work } from "./work.js";

export interface PerformPorts {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly catalogue: Catalogue;
  /** What atoms see as `context.ports`. */
  readonly atomPorts: unknown;
}

export interface StepCall {
  readonly linked: LinkedStep;
  readonly index: number;
  /** Find out about an earlier call instead of making one. */
  readonly inquire: boolean;
  /** Monotonic time after which nothing may be sent. */
  readonly sendDeadlineMs: number | undefined;
}

/** A step that only computes is over when this returns. @throws ValenceError as `runStep` does */
export function performStep(
  work: Work,
  call: StepCall,
  ports: PerformPorts,
): AtomResult | Promise<AtomResult> {
  const { linked, index, inquire, sendDeadlineMs } = call;
  const request: StepRequest = {
    linked,
    index,
    fields: work.fields,
    run: work.run,
    delivery: work.delivery.deliveryCount,
    mode: inquire ? "inquire" : "run",
    sendDeadlineMs,
  };
  const done = runStep(request, { clock: ports.clock, ports: ports.atomPorts });
  return done instanceof Promise
    ? done.then((step) => absorb(work, call, step, ports))
    : absorb(work, call, done, ports);
}

function absorb(
  work: Work,
  { linked, index, inquire }: StepCall,
  { result, elapsedMs }: StepDone,
  ports: PerformPorts,
): AtomResult {
  const { name: atom, effect } = linked.atom;
  const { outcome } = result;
  const isExternal = effect === "external";
  const trace = traceOf(atom, result, elapsedMs, inquire);
  work.absorb(result, trace, publications(result, work.body, index, ports), isExternal);
  const { telemetry } = ports;
  telemetry.count("valence_steps_total", { atom, outcome });
  telemetry.observe("valence_step_seconds", { atom }, elapsedMs / 1000);
  if (isExternal) {
    const channel = channelOf(work.delivery.queue);
    telemetry.observe("valence_channel_seconds", { atom, channel }, elapsedMs / 1000);
  } else work.atomsMs += elapsedMs;
  return result;
}

function traceOf(
  atom: string,
  { outcome, trace }: AtomResult,
  elapsedMs: number,
  inquired: boolean,
): StepTrace {
  const seen = { atom, outcome, elapsedMs: Math.round(elapsedMs * 1000) / 1000 };
  if (!inquired && !trace) return seen;
  return { ...seen, ...(inquired ? { inquired } : {}), ...(trace ? { trace } : {}) };
}
