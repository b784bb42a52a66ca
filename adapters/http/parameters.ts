/** Headers and parameters of a request, read strictly. */
import type { FastifyRequest } from "fastify";

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
