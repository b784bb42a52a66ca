import type { Problem } from "../../engine/errors.js";
import { defineAtom } from "../define.js";

/** Tells whoever started the run why it did not do what was asked, even though there is an order to show. */
export const callerRefuse = defineAtom({
  name: "caller.refuse",
  version: 1,
  title: "Refuse the caller",
  effect: "store",
  reads: ["problem"],
  outcomes: { ok: {} },
  run: (fields) => ({ outcome: "ok", reply: { problem: fields.problem as Problem, fields } }),
});
