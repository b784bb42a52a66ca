import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";

/** The institution says it has charged: the run that pays the order is told to ask, and the caller is told no. */
export const paymentNudge = defineAtom({
  name: "payment.nudge",
  version: 1,
  title: "Tell the paying run to look again",
  effect: "store",
  reads: ["payingRunId", "merchantOrderId"],
  outcomes: { ok: { writes: ["problem"] } },
  run: ({ payingRunId, merchantOrderId }) => ({
    outcome: "ok",
    fields: {
      problem: problemField(
        "order_paid",
        `the channel has charged order ${merchantOrderId}; refund it instead`,
      ),
    },
    signals: [{ runId: payingRunId, signal: "channel.notified", fields: {} }],
  }),
});
