import type { FastifyInstance } from "fastify";
import { wrapHandler } from "../server.js";
import type { Admission } from "./admission.js";

/** Every request to `scope` needs a slot before its body is read. */
export function admitBy(scope: FastifyInstance, admission: Admission): void {
  scope.addHook("onRequest", async (request, reply) => {
    const slot = admission.enter();
    wrapHandler(request, slot.work);
    reply.raw.once("close", () => slot.closed());
  });
}
