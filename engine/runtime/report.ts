/** The one log event of a transaction, and what is measured of it. */
import type { Clock } from "../ports/clock.js";
import type { Telemetry } from "../ports/telemetry.js";
import type { Work } from "./work.js";

export function reportTransaction(
  work: Work,
  outcome: string,
  { telemetry, clock }: { readonly telemetry: Telemetry; readonly clock: Clock },
): void {
  const { body, stage, delivery, steps } = work;
  const { transaction } = stage;
  const atomsMs = steps.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  telemetry.count("valence_transactions_total", { transaction, outcome });
  telemetry.observe("valence_queue_wait_seconds", { transaction }, delivery.queueWaitMs / 1000);
  telemetry.observe("valence_atoms_seconds", { transaction }, atomsMs / 1000);
  telemetry.log("info", {
    event: "transaction.ended",
    runId: body.runId,
    orderId: body.fields["orderId"],
    flow: body.flow,
    stage: body.stage,
    transaction,
    outcome,
    steps: steps.map((step) => `${step.atom}=${step.outcome}/${step.elapsedMs}ms`),
    elapsedMs: Math.round(clock.monotonicMs() - work.startedMs),
    commitMs: Math.round(work.commitMs),
    queueWaitMs: Math.round(delivery.queueWaitMs),
  });
}
