/** The part of a request that its signature covers. */
import type { FastifyRequest } from "fastify";
import type { SignedRequest } from "./authenticate.js";

const noBody = Buffer.alloc(0);

/** Path with query exactly as received: the signature covers it. */
export const signedRequest = (request: FastifyRequest): SignedRequest => ({
  method: request.method,
  path: request.raw.url ?? "",
  authorization: authorizationsOf(request),
  body: Buffer.isBuffer(request.body) ? request.body : noBody,
});

/** All of them: node keeps only the first one in `headers`. */
function authorizationsOf(request: FastifyRequest): readonly string[] {
  const raw = request.raw.rawHeaders;
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === "authorization");
}
