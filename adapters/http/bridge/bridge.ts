/**
 * The bridge: HTTP in, messages out. It decides who is asking and whether the request can be carried, makes it durable
 * and waits a moment for the flow to answer. Its only way into the engine is a message.
 */
import { replyTopic } from "../../../engine/runtime/message.js";
import { limits } from "../../../engine/limits.js";
import { confirmMsMin } from "./accept.js";
import { Admission } from "./admission.js";
import { admitBy } from "./admit.js";
import { createAuthenticate } from "./authenticate.js";
import type { BridgeContext } from "./context.js";
import type { BridgeDeps } from "./deps.js";
import { callbackWaitMs, channelRoutes } from "./routes/channels.js";
import { closeRoutes } from "./routes/close.js";
import { documentRoutes } from "./routes/documents.js";
import { orderRoutes } from "./routes/orders.js";
import { refundRoutes } from "./routes/refunds.js";
import { systemRoutes } from "./routes/system.js";
import { transactionRoutes } from "./routes/transactions.js";
import { createServer } from "../server.js";
import { stillMarginMs } from "../sockets.js";
import { createValidateBody } from "./validate.js";
import { Waiters } from "./waiters.js";

export type { BridgeDeps, BridgeSettings, UrlVerdict } from "./deps.js";

export interface Bridge {
  /** Port 0 picks a free one. Resolves with the URL that answers. */
  listen(port: number, host: string): Promise<string>;
  /** Refuses new work with `shutting_down`; resolves when every request in work is answered. Probes still answer. */
  drain(): Promise<void>;
  /** Answers who still waits with 202 and closes every socket, after a short grace at the latest. */
  close(): Promise<void>;
}

/** How long `close` lets answers be written: it is for the network, the waiting is over by then. */
const closeGraceMs = 2_000;

export async function createBridge(deps: BridgeDeps): Promise<Bridge> {
  const { catalogue, clock, dictionary, settings, systemFields } = deps;
  const admission = new Admission(settings.inFlightMax);
  const context: BridgeContext = {
    deps,
    authenticate: createAuthenticate(deps.reference, clock),
    validateBody: createValidateBody(catalogue, dictionary, systemFields),
    waiters: new Waiters(clock),
  };
  const app = createServer({
    ...deps,
    bodyBytesMax: limits.bodyBytesMax,
    sockets: {
      connectionsMax: settings.connectionsMax,
      arrivalMsMax: settings.arrivalMsMax,
      stillMsMax: Math.max(settings.replyWaitMs, confirmMsMin, callbackWaitMs) + stillMarginMs,
    },
  });
  await app.register(async (scope) => {
    admitBy(scope, admission);
    transactionRoutes(scope, context);
    orderRoutes(scope, context);
    closeRoutes(scope, context);
    refundRoutes(scope, context);
    channelRoutes(scope, context);
  });
  await app.register(async (scope) => {
    systemRoutes(scope, deps, admission);
    documentRoutes(scope, deps);
  });
  await app.ready();
  const unsubscribe = deps.bus.onBroadcast(replyTopic(settings.instance), context.waiters.deliver);

  return {
    listen: (port, host) => app.listen({ port, host }),
    drain: () => {
      admission.stop();
      return admission.idle();
    },
    close: async () => {
      admission.stop();
      context.waiters.releaseAll();
      const grace = new Promise<void>((resolve) => {
        const cancel = clock.after(closeGraceMs, resolve);
        void admission.idle().then(() => (cancel(), resolve()));
      });
      await grace;
      unsubscribe();
      await app.close();
    },
  };
}
