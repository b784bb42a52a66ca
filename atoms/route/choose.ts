import { chooseRoute } from "../../engine/registry/routing.js";
import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";
import { routeRequest } from "./request.js";

/** Reasons the journal keeps with the step. */
const passedOverMax = 8;

/**
 * Names the channel. Channels that could not be reached for this order before are left out; a channel the
 * integrator named is taken if it can carry the order, and no other one then.
 */
export const routeChoose = defineAtom({
  name: "route.choose",
  version: 1,
  title: "Choose the channel by the live routing rules",
  effect: "pure",
  reads: ["merchantId", "type", "amount", "currency"],
  readsIfPresent: ["method", "business", "channel", "channelWanted", "channelsTried", "paymentId"],
  outcomes: {
    ok: { writes: ["channel", "routeRule"], mayWrite: ["channelWanted"] },
    rejected: { writes: ["problem"] },
  },
  run: async (input, { ports, id }) => {
    // Once a payment exists, `channel` is our own earlier choice: the integrator's wish was put aside before that.
    const wanted = input.paymentId === undefined ? input.channel : input.channelWanted;
    const choice = chooseRoute(await routeRequest(input, wanted, id(), ports));
    const passedOver = choice.passedOver.slice(0, passedOverMax);
    if (choice.chosen) {
      const { channel, rule: routeRule, redirectedFrom } = choice;
      const kept = wanted === undefined ? {} : { channelWanted: wanted };
      const trace = { passedOver, ...(redirectedFrom === undefined ? {} : { redirectedFrom }) };
      return {
        outcome: "ok",
        fields: { channel, routeRule, ...kept },
        ...(passedOver.length === 0 && redirectedFrom === undefined ? {} : { trace }),
      };
    }
    const problem = problemField("no_route", choice.why);
    return { outcome: "rejected", fields: { problem }, trace: { passedOver } };
  },
});
