import { ValenceError } from "../../engine/errors.js";
import { whyNot } from "../../engine/registry/confirm.js";
import { defineAtom } from "../define.js";

/**
 * Reads the channel's switch again before a payment is sent once more. It was sent before, so no other channel may
 * have it: it waits in the channel's queue (`channel_closed`) until its own module may send.
 */
export const routePermit = defineAtom({
  name: "route.permit",
  version: 1,
  title: "The channel may be called again",
  effect: "pure",
  reads: ["channel"],
  outcomes: { ok: {} },
  run: async ({ channel }, { ports }) => {
    const facts = (await ports.reference.channels()).find((each) => each.channel === channel);
    const fronts = ports.fronts(channel);
    const why = facts === undefined ? `channel ${channel} is not registered` : whyNot(facts, fronts);
    if (why !== undefined) throw new ValenceError("channel_closed", why);
    if (!fronts) throw new ValenceError("channel_closed", `channel ${channel} is back; its module sends`);
    return { outcome: "ok" };
  },
});
