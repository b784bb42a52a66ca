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
  const labels = { queue: delivery.queue, transaction, type: body.type };
  telemetry.count("valence_transactions_total", { outcome, ...labels });
  telemetry.observe("valence_queue_wait_seconds", labels, delivery.queueWaitMs / 1000);
  telemetry.observe("valence_atoms_seconds", labels, work.atomsMs / 1000);
  telemetry.observe("valence_transaction_commit_seconds", labels, work.commitMs / 1000);
  if (telemetry.logs?.("info") === false) return;
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

/** `channel.simulator` and `channel.simulator.follow` are of the channel simulator; other queues are of none. */
export const channelOf = (queue: string): string => /^channel\.([^.]+)/.exec(queue)?.[1] ?? "";
