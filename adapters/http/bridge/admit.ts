import type { FastifyInstance } from "fastify";
import { onExchangeEnd } from "../exchanges.js";
import { wrapHandler } from "../server.js";
import type { Admission } from "./admission.js";

/**
 * Every request to `scope` needs a slot. When there is none it is refused before its body is read; it takes one when
 * the body is there.
 */
export function admitBy(scope: FastifyInstance, admission: Admission): void {
  scope.addHook("onRequest", async () => admission.check());
  scope.addHook("preHandler", async (request, reply) => {
    const slot = admission.enter();
    wrapHandler(request, slot.work);
    onExchangeEnd(reply.raw, () => slot.closed());
  });
}
