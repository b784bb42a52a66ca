/** Every outcome leads somewhere, every stage is reached, and every run comes to an end. */
import { diagnostic, suggestion, within } from "./diagnostics.js";
import type { DiagnosticCode, Place } from "./diagnostics.js";
import { fieldState } from "./fields.js";
import { exhaustedOutcome, timeoutOutcome } from "./model.js";
import type { ResolvedFlow, ResolvedStage } from "./model.js";
import type { Diagnostic } from "./plan.js";
import { walkTransaction } from "./walk.js";

type Report = (code: DiagnosticCode, place: Place, message: string) => void;

/** Nothing for a stage whose transaction cannot be analysed. */
function possibleOutcomes(stage: ResolvedStage): ReadonlySet<string> | undefined {
  if (stage.kind === "wait") return new Set([...stage.signals.keys(), timeoutOutcome]);
  if (!stage.transaction) return undefined;
  return new Set(walkTransaction(stage.transaction.steps, fieldState([])).outcomes.keys());
}

/** Stages an outcome leads to, in the order the operator wrote them. */
export const nextStages = (stage: ResolvedStage): readonly string[] =>
  [...stage.on.values()].flatMap((target) => (target?.to === "stage" ? [target.stage] : []));

export function checkOutcomes(flow: ResolvedFlow): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (code, place, message) => void diagnostics.push(diagnostic(code, place, message));
  for (const stage of flow.stages.values()) checkMapping(stage, report);
  checkStates(flow, report);
  // With an outcome that leads nowhere or to no stage, half the flow would look unreachable.
  const targetsKnown = [...flow.stages.values()].every((stage) => [...stage.on.values()].every(Boolean));
  const wired = diagnostics.length === 0 && targetsKnown && flow.stages.has(flow.start);
  if (wired) checkReachable(flow, report);
  if (wired && !canEnd(flow)) {
    report(
      "OUTCOME_ENDLESS",
      within(flow.place, "stages"),
      `flow "${flow.name}" has no end or park that a run can reach`,
    );
  } else checkLoops(flow, report);
  return diagnostics;
}

function checkMapping(stage: ResolvedStage, report: Report): void {
  const possible = possibleOutcomes(stage);
  const on = within(stage.place, "on");
  const bounded = stage.entriesMax !== undefined;
  for (const outcome of possible ?? []) {
    if (stage.on.has(outcome)) continue;
    if (stage.kind === "wait") {
      report("OUTCOME_TIMEOUT_MISSING", on, `wait "${stage.name}" does not say what happens on timeout`);
    } else {
      const source = `transaction "${stage.transactionName}" may end in "${outcome}"`;
      report("OUTCOME_UNMAPPED", on, `${source}, which stage "${stage.name}" does not map`);
    }
  }
  if (bounded && !stage.on.has(exhaustedOutcome)) {
    const message = `stage "${stage.name}" may be entered ${stage.entriesMax} times and does not map "exhausted"`;
    report("OUTCOME_UNMAPPED", on, message);
  }
  for (const outcome of stage.on.keys()) {
    const place = within(on, outcome);
    if (outcome === exhaustedOutcome) {
      if (!bounded) report("OUTCOME_NEVER", place, `stage "${stage.name}" has no entriesMax to exhaust`);
    } else if (stage.kind === "transaction" && possible && !possible.has(outcome)) {
      const message = `transaction "${stage.transactionName}" never ends in "${outcome}"${suggestion(outcome, possible)}`;
      report("OUTCOME_NEVER", place, message);
    }
  }
}

function checkStates(flow: ResolvedFlow, report: Report): void {
  const first = new Map<string, "end" | "park">();
  for (const stage of flow.stages.values()) {
    for (const [outcome, target] of stage.on) {
      if (!target || target.to === "stage") continue;
      const state = target.to === "end" ? target.state : target.reason;
      const before = first.get(state);
      if (before === undefined) first.set(state, target.to);
      else if (before !== target.to) {
        const message = `"${state}" is used as ${before}:${state} before`;
        report("OUTCOME_STATE_AMBIGUOUS", within(stage.place, "on", outcome), message);
      }
    }
  }
}

function reachable(flow: ResolvedFlow): ReadonlySet<string> {
  const seen = new Set([flow.start]);
  for (const name of seen) for (const next of nextStages(flow.stages.get(name)!)) seen.add(next);
  return seen;
}

function checkReachable(flow: ResolvedFlow, report: Report): void {
  const seen = reachable(flow);
  for (const stage of flow.stages.values()) {
    if (!seen.has(stage.name))
      report("OUTCOME_STAGE_UNREACHABLE", stage.place, `nothing leads to "${stage.name}"`);
  }
}

const canEnd = (flow: ResolvedFlow): boolean =>
  [...reachable(flow)].some((name) =>
    [...flow.stages.get(name)!.on.values()].some((target) => target && target.to !== "stage"),
  );

/**
 * A run that goes on and on exhausts every bounded stage. From then on bounded stages only have the way `exhausted`,
 * so what is left must be free of cycles: then, and only then, every run ends.
 */
function checkLoops(flow: ResolvedFlow, report: Report): void {
  const state = new Map<string, "open" | "done">();
  const visit = (name: string, path: readonly string[]): void => {
    const stage = flow.stages.get(name);
    if (!stage || state.get(name) === "done") return;
    if (state.get(name) === "open") {
      const loop = [...path.slice(path.indexOf(name)), name].map((each) => `"${each}"`).join(" -> ");
      report("OUTCOME_LOOP_UNBOUNDED", stage.place, `${loop} has no bound`);
      return;
    }
    state.set(name, "open");
    for (const next of lastingStages(stage)) visit(next, [...path, name]);
    state.set(name, "done");
  };
  for (const name of flow.stages.keys()) visit(name, []);
}

function lastingStages(stage: ResolvedStage): readonly string[] {
  if (stage.entriesMax === undefined) return [...new Set(nextStages(stage))];
  const target = stage.on.get(exhaustedOutcome);
  return target?.to === "stage" ? [target.stage] : [];
}
