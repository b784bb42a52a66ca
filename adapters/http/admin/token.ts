import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { refuse } from "../answer.js";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Every request to `scope` carries `Authorization: Bearer <token>`, or is refused before its body is read. */
export function requireToken(scope: FastifyInstance, token: string): void {
  // Digests have one length, so that the comparison tells nothing about the token's.
  const wanted = digest(`Bearer ${token}`);
  scope.addHook("onRequest", async (request, reply) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ""), wanted)) return;
    void reply.header("www-authenticate", "Bearer");
    throw refuse(
      "admin_unauthorized",
      "Send Authorization: Bearer <token>; valence up writes it to demo.json.",
    );
  });
}
