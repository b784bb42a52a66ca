import { ValenceError } from "../../engine/errors.js";
import { confirmChannel } from "../../engine/registry/confirm.js";
import { answerWrites } from "../answer.js";
import { defineAtom } from "../define.js";
import { routeRequest } from "./request.js";

/**
 * Reads the channel's switch again before the first charge of a payment: what was open when the order chose it may be
 * closed by now. Nothing has been sent yet, so the order may go elsewhere; `closed` leaves the attempt as one that was
 * not sent, `redirected` gives the same attempt to the channel the redirect leads to. An order that has to wait stays
 * in the channel's queue (`channel_closed`), and no delivery is counted for it.
 */
export const routeConfirm = defineAtom({
  name: "route.confirm",
  version: 1,
  title: "The channel still takes the order",
  effect: "pure",
  reads: ["merchantId", "type", "amount", "currency", "channel"],
  readsIfPresent: ["method", "business", "channelWanted", "channelsTried"],
  outcomes: {
    ok: {},
    closed: { writes: answerWrites },
    redirected: { writes: [...answerWrites, "channel"] },
  },
  run: async (input, { ports, id }) => {
    const { channel } = input;
    const route = await routeRequest(input, input.channelWanted, id(), ports);
    const confirmation = confirmChannel({ channel, fronts: ports.fronts(channel), route });
    if (confirmation.verdict === "send") return { outcome: "ok" };
    const { why } = confirmation;
    const words = { channelAsked: "switch", channelCode: "", channelMessage: why } as const;
    if (confirmation.verdict === "elsewhere")
      return { outcome: "closed", fields: { channelResult: "notSent", ...words }, trace: { why } };
    if (confirmation.verdict === "moved") {
      const fields = { channelResult: "moved", channel: confirmation.to, ...words } as const;
      return { outcome: "redirected", fields, trace: { why } };
    }
    throw new ValenceError("channel_closed", why);
  },
});
