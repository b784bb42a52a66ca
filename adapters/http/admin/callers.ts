/** Who sent a request to the admin API: a program that has the token, or a user who signed in. */
import type { FastifyRequest } from "fastify";
import type { Session, User } from "../../../engine/ports/index.js";

export type Caller =
  | { readonly kind: "token" }
  | {
      readonly kind: "session";
      readonly session: Session;
      /** What the cookie carries. */
      readonly token: string;
    };

const callers = new WeakMap<FastifyRequest, Caller>();

export const callerOf = (request: FastifyRequest): Caller | undefined => callers.get(request);

export const setCaller = (request: FastifyRequest, caller: Caller): void => {
  callers.set(request, caller);
};

/** Undefined for a program with the token. */
export function userOf(request: FastifyRequest): User | undefined {
  const caller = callerOf(request);
  return caller?.kind === "session" ? caller.session.user : undefined;
}
