/** Channels: what they are, what operators want of them, how they do; switching and draining them. */
import type { FastifyInstance } from "fastify";
import type { ChannelSwitch, SwitchChange, WaitingPolicy } from "../../../../engine/ports/index.js";
import { json } from "../../answer.js";
import { pathParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { authorIn, bodyOf, invalid, optionalChoiceIn, optionalTextIn } from "../input.js";
import type { RouteServices } from "../route-services.js";

const switches: readonly ChannelSwitch[] = ["open", "draining", "closed", "redirect"];
const policies: readonly WaitingPolicy[] = ["stay", "reroute"];

export function channelRoutes(app: FastifyInstance, services: RouteServices): void {
  resource(app, "/admin/v1/channels", {
    GET: requireRight("watch", async () => json(200, { channels: await services.channels() })),
  });
  resource(app, "/admin/v1/channels/:channel/switch", {
    POST: requireRight("channels.switch", async (request) => {
      const body = bodyOf(request, ["switch", "redirectTo", "waiting", "expectedSwitch", "author", "reason"]);
      const channel = pathParameter(request, "channel");
      const position = optionalChoiceIn(body, "switch", switches);
      if (position === undefined)
        throw invalid([{ pointer: "/switch", message: `must be one of ${switches.join(", ")}` }]);
      const redirectTo = optionalTextIn(body, "redirectTo");
      if ((position === "redirect") !== (redirectTo !== undefined))
        throw invalid([
          { pointer: "/redirectTo", message: "goes with the switch `redirect`, and with no other" },
        ]);
      const waiting = optionalChoiceIn(body, "waiting", policies);
      const expectedSwitch = optionalTextIn(body, "expectedSwitch");
      const change: SwitchChange = {
        channel,
        switch: position,
        ...(redirectTo === undefined ? {} : { redirectTo }),
        ...(waiting === undefined ? {} : { waiting }),
        ...(expectedSwitch === undefined ? {} : { expectedSwitch }),
        ...authorIn(body),
      };
      await services.switchTo(change);
      return json(200, await services.drainStatus(channel));
    }),
  });
  resource(app, "/admin/v1/channels/:channel/drain", {
    GET: requireRight("watch", async (request) =>
      json(200, await services.drainStatus(pathParameter(request, "channel"))),
    ),
  });
}
