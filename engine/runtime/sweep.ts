/**
 * The sweep for silent runs: every open run has a message; when a broker or an operator has lost it, it is rebuilt
 * from the run's row and the journal and published again under the same message id.
 */
import type { OutgoingMessage } from "../ports/bus.js";
import type { SilentRun } from "../ports/housekeeping.js";
import type { Plan } from "../compiler/plan.js";
import { ValenceError } from "../errors.js";
import { runMessage, type RunBody } from "./message.js";

/** @throws ValenceError `plan_unknown` when the run's stage is not in its plan. */
export function rebuildMessage(silent: SilentRun, plan: Plan): OutgoingMessage {
  const body = silent.ended.reduce<RunBody>(
    (before, data) => {
      const message = data["message"] as { readonly body: Omit<RunBody, "fields"> } | undefined;
      const fields = { ...before.fields, ...(data["fields"] as object) };
      return { ...before, ...message?.body, fields };
    },
    silent.body as unknown as RunBody,
  );
  const stage = plan.stages[body.stage];
  if (stage?.kind !== "transaction") {
    throw new ValenceError(
      "plan_unknown",
      `open run ${silent.runId} stands in ${body.stage}, which no message serves`,
    );
  }
  return runMessage(stage.queue, { ...body, republished: true }, {});
}
