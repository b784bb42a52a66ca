/** The few things the routes need of a request, read strictly. */
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

/** A header as one text; what node joins stays joined. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

export const pathParameter = (request: FastifyRequest, name: string): string =>
  textMember(request.params, name) ?? "";

/** Undefined when it is absent or given more than once. */
export const queryParameter = (request: FastifyRequest, name: string): string | undefined =>
  textMember(request.query, name);

function textMember(members: unknown, name: string): string | undefined {
  const value: unknown = Object(members)[name];
  return typeof value === "string" ? value : undefined;
}
