/**
 * A plan in which whatever asks the world is answered from a recording. Everything else about it is real: conditions,
 * barriers, guards, atoms that compute.
 */
import type { Atom, AtomContext, AtomResult } from "../atom.js";
import type { WaitStage } from "../compiler/plan.js";
import { deriveTimedId } from "../ids.js";
import type { LinkedPlan, LinkedStep, LinkedTransaction } from "../runtime/linked-plan.js";
import { asksTheWorld } from "./recording.js";

/** Where a step stood when it was recorded: the ids it made follow from that. */
export interface RecordedPlace {
  readonly hop: number;
  readonly index: number;
}

export interface Script {
  /** @throws NotRecorded */
  answer(stage: string, atom: string): AtomResult;
  /** Undefined: the step is new, or the stage has never been entered so often. */
  placeOf(stage: string, atom: string, nth: number): RecordedPlace | undefined;
  /** An atom whose writes can lose a race was run. */
  guarded(): void;
}

export function standIn({ plan, stages }: LinkedPlan, script: Script): LinkedPlan {
  const played = [...stages].map(([name, stage]) => {
    if (stage.kind === "wait") return [name, stage] as const;
    const steps = stage.steps.map((step, index) => playedStep(name, step, occurrence(stage, index), script));
    return [name, { ...stage, steps }] as const;
  });
  return { plan, stages: new Map<string, LinkedTransaction | WaitStage>(played) };
}

/** How often the step's atom stands before it in the transaction. */
const occurrence = ({ steps }: LinkedTransaction, index: number): number =>
  steps.slice(0, index).filter(({ atom }) => atom.name === steps[index]!.atom.name).length;

function playedStep(stage: string, linked: LinkedStep, nth: number, script: Script): LinkedStep {
  const { atom, step } = linked;
  const run: Atom<never>["run"] = (input, context) => {
    if (atom.guarded === true) script.guarded();
    if (asksTheWorld(linked)) return script.answer(stage, atom.name);
    return atom.run(input, contextAt(script.placeOf(stage, atom.name, nth), context));
  };
  // What is not recorded is not recorded the second time either.
  return { ...linked, step: { ...step, retry: { max: 0, delayMs: 0 } }, atom: { ...atom, run } };
}

/** The same ids as in the recording: rows of before and after can be compared. */
function contextAt(place: RecordedPlace | undefined, context: AtomContext<never>): AtomContext<never> {
  if (!place) return context;
  const { run, params, ports, nowMs, delivery } = context;
  const id = (n = 0): string => deriveTimedId(run.runId, `${place.hop}:${place.index}:${n}`);
  return {
    ...{ run, params, ports, nowMs, delivery, id },
    get signal() {
      return context.signal;
    },
  };
}
