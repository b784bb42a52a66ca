/**
 * Lets a parked run go on: a person has decided where. `parked` -> `open`, its message and the audit line are one
 * unit, guarded on the row, so two people who release the same run publish one message.
 *
 * Back into the stage it was parked in, the run keeps its hop and looks at its journal first: an intent without a
 * result is asked about, never repeated. Into another stage it gets a hop of its own. Either way the bounds of stages
 * (`entriesMax`) start anew: a person gave it another chance. A stage that was left with a result and moves money is
 * never entered again by default: whoever wants that says so.
 */
import type { Plan, TransactionStage } from "../compiler/plan.js";
import { ValenceError } from "../errors.js";
import type { Row, Unit, Write } from "../ports/store.js";
import { merged } from "../rows.js";
import { deadLetterPrefix } from "./dead-letters.js";
import { runMessage, type RunBody } from "./message.js";

export interface Release {
  /** The row in `runs`. */
  readonly run: Row;
  /** The plan the run is pinned to. */
  readonly plan: Plan;
  /** A transaction stage of the plan; default: the one it was parked in. */
  readonly stage: string | undefined;
  /** What the person decided, by names of the dictionary: the run goes on with these fields, too. */
  readonly decided?: Row;
  readonly author: string;
  readonly reason: string;
  /** Id of the audit line. */
  readonly auditId: string;
  readonly nowMs: number;
}

export interface Released {
  readonly unit: Unit;
  readonly stage: string;
  readonly queue: string;
}

/**
 * @throws ValenceError `run_not_parked`; `field_invalid` when the stage is none a message can enter, or is not named
 *   although it has to be
 */
export function releaseRun(release: Release): Released {
  const { run, plan, author, reason, auditId, nowMs, decided = {} } = release;
  const parked = run["body"] as RunBody | null;
  if (run["state"] !== "parked" || parked === null) {
    throw new ValenceError("run_not_parked", `run ${String(run["runId"])} is ${String(run["state"])}`);
  }
  const name = release.stage ?? parked.stage;
  const stage = enterable(plan, name);
  const died = String(run["reason"]).startsWith(deadLetterPrefix);
  if (release.stage === undefined && !died && stage.steps.some(({ intent }) => intent)) {
    throw new ValenceError(
      "field_invalid",
      `stage ${name} has its result and would call again; name the stage to go on in: ${choicesOf(plan)}`,
    );
  }
  const same = name === parked.stage;
  const body: RunBody = {
    ...parked,
    stage: name,
    hop: same ? parked.hop : parked.hop + 1,
    fields: merged(parked.fields, decided),
    entries: stage.entriesMax === undefined ? {} : { [name]: 1 },
    republished: same,
  };
  const message = runMessage(stage.queue, body, {});
  const open: Write = {
    kind: "transition",
    table: "runs",
    key: { runId: parked.runId },
    from: ["parked"],
    to: "open",
    match: { hop: Number(run["hop"]) },
    set: { stage: name, hop: body.hop, reason: "", body, updatedAt: nowMs },
  };
  const audit: Write = {
    kind: "insert",
    table: "audit",
    exists: "conflict",
    row: {
      auditId,
      who: author,
      action: "run.release",
      subject: `run ${parked.runId}`,
      before: { state: "parked", stage: parked.stage, hop: parked.hop, reason: run["reason"] },
      after: { state: "open", stage: name, hop: body.hop, ...decided },
      reason,
    },
  };
  return { unit: { writes: [open, audit], publish: [message] }, stage: name, queue: message.queue };
}

function enterable(plan: Plan, name: string): TransactionStage {
  const stage = Object.hasOwn(plan.stages, name) ? plan.stages[name] : undefined;
  if (stage?.kind === "transaction") return stage;
  throw new ValenceError(
    "field_invalid",
    `flow ${plan.flow} has no transaction stage ${name}; a run can enter ${choicesOf(plan)}`,
  );
}

const choicesOf = (plan: Plan): string =>
  Object.entries(plan.stages)
    .flatMap(([name, { kind }]) => (kind === "transaction" ? [name] : []))
    .join(", ");
