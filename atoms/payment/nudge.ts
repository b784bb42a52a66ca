import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";
import { orderRowFields, orderRowMayFields, paymentRowFields, paymentRowMayFields } from "../rows.js";
import { lateTidings } from "../tidings.js";

/** The institution says it has charged: the run that pays the order is told to ask, and the caller is told no. */
export const paymentNudge = defineAtom({
  name: "payment.nudge",
  version: 2,
  title: "Tell the paying run to look again",
  effect: "store",
  reads: [...orderRowFields, ...paymentRowFields],
  readsIfPresent: [...orderRowMayFields, ...paymentRowMayFields],
  outcomes: { ok: { writes: ["problem"] } },
  run: ({ payingRunId: runId, ...found }) => ({
    outcome: "ok",
    fields: {
      problem: problemField(
        "order_paid",
        `the channel has charged order ${found.merchantOrderId}; refund it instead`,
      ),
    },
    signals: [{ runId, signal: "channel.notified", fields: {}, otherwise: lateTidings(found) }],
  }),
});
