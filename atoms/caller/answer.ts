import type { Problem } from "../../engine/errors.js";
import { defineAtom } from "../define.js";
import { currentView, orderView, refundView } from "../view.js";

/**
 * Answers whoever started the run, after the commit. With `only: "problem"` it speaks up only when the run was
 * rejected: as an `always` step it then covers every early end of a transaction.
 */
export const callerAnswer = defineAtom({
  name: "caller.answer",
  version: 2,
  title: "Answer the caller",
  effect: "store",
  reads: [],
  readsIfPresent: [...new Set([...orderView, ...refundView]), "repeated", "callbackReply"],
  outcomes: { ok: {} },
  params: {
    type: "object",
    properties: { only: { type: "string", enum: ["problem"] } },
    additionalProperties: false,
  },
  run: (fields, { params }) => {
    const rejected = fields.problem !== undefined && fields.orderStatus === undefined;
    if (rejected) return { outcome: "ok", reply: { problem: fields.problem as Problem, fields } };
    if (params["only"] === "problem") return { outcome: "ok" };
    return { outcome: "ok", reply: { fields: currentView(fields) } };
  },
});
