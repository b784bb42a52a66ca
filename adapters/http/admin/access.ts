/**
 * Who may call what. Every route declares what its caller must be allowed (`requireRight`); a route that forgets it
 * keeps the server from starting. The declaration is checked before the body is read, in this order: who is it (401),
 * does the change come from our own page (403 `csrf_invalid`), does his role include it (403 `right_missing`).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { invariant } from "../../../engine/limits.js";
import type { Clock, Identity } from "../../../engine/ports/index.js";
import { type Right, rights } from "../../../engine/registry/rights.js";
import { refuse } from "../answer.js";
import { headerOf } from "../parameters.js";
import { anyCaller, type Guarded, type Handler } from "../server.js";
import { type Caller, callerOf, setCaller } from "./callers.js";
import { sessionTokenOf } from "./session-cookie.js";
import { endWithSession, isStream } from "./session-stream.js";

/** `anyone`: no question asked; `known`: token or session; `user`: a session; otherwise a right of the caller. */
export type Access = Right | "anyone" | typeof anyCaller | "user";

const accesses: readonly string[] = [...rights, "anyone", anyCaller, "user"];

/** A handler for callers who have the right. */
export const requireRight = (access: Access, handle: Handler): Guarded => ({ access, handle });

export interface AccessDeps {
  /** Bearer token of programs: it may do everything. */
  readonly token: string;
  readonly identity: Pick<Identity, "session" | "touch" | "rightsOf">;
  readonly clock: Clock;
  /** Where browsers find the console, when a proxy stands before it; otherwise empty. */
  readonly publicUrl: string;
}

/** Somebody who clicks all the time makes one write in so long. */
const touchEveryMs = 5_000;

const reading: readonly string[] = ["GET", "HEAD"];

/** A route as it was registered. */
export interface GuardedRoute {
  readonly methods: readonly string[];
  readonly url: string;
  readonly access: Access;
}

const isAccess = (access: string | undefined): access is Access =>
  access !== undefined && accesses.includes(access);

/** Guards every route that is registered in `scope` afterwards; `registered` is told of each. */
export function guard(
  scope: FastifyInstance,
  deps: AccessDeps,
  registered: (route: GuardedRoute) => void = () => undefined,
): void {
  const isToken = tokenCheck(deps.token);
  scope.addHook("onRoute", ({ method, url, config }) => {
    const access = config?.access;
    invariant(isAccess(access), `${String(method)} ${url} says who may call it: use requireRight`);
    registered({ methods: [method].flat(), url, access });
  });
  scope.addHook("onRequest", async (request, reply) => {
    const access = request.routeOptions.config.access as Access;
    const changes = !reading.includes(request.method);
    if (access === "anyone") {
      if (changes) checkOrigin(request, deps.publicUrl);
      return;
    }
    const caller = isToken(request) ? tokenCaller : await sessionCaller(request, deps);
    if (!caller || (access === "user" && caller.kind === "token")) throw stranger(reply);
    setCaller(request, caller);
    if (caller.kind === "token") return;
    if (changes) checkOurs(request, caller.session.csrf, deps.publicUrl);
    checkRight(access, caller, deps);
    await noteActivity(request, reply, caller, deps);
  });
}

const tokenCaller: Caller = { kind: "token" };

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

// Digests have one length, so that the comparison tells nothing about the text's.
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

function tokenCheck(token: string): (request: FastifyRequest) => boolean {
  const wanted = `Bearer ${token}`;
  return (request) => isSame(request.headers.authorization ?? "", wanted);
}

/** A wrong token is refused even beside a good cookie: whoever sent it meant it. */
async function sessionCaller(
  request: FastifyRequest,
  { identity }: AccessDeps,
): Promise<Extract<Caller, { readonly kind: "session" }> | undefined> {
  const token = sessionTokenOf(request);
  if (token === undefined || request.headers.authorization !== undefined) return undefined;
  const session = await identity.session(token);
  return session && { kind: "session", session, token };
}

function stranger(reply: FastifyReply): Error {
  void reply.header("www-authenticate", "Bearer");
  return refuse(
    "admin_unauthorized",
    "Sign in at the console, or send Authorization: Bearer <token>; valence up writes it to demo.json.",
  );
}

/** The cookie comes along whoever wrote the page; the token and the origin tell that it is ours. */
function checkOurs(request: FastifyRequest, csrf: string, publicUrl: string): void {
  checkOrigin(request, publicUrl);
  if (!isSame(headerOf(request, "x-csrf-token") ?? "", csrf))
    throw refuse(
      "csrf_invalid",
      "Send x-csrf-token with the csrf of GET /admin/v1/session; load the page again.",
    );
}

function checkOrigin(request: FastifyRequest, publicUrl: string): void {
  const origin = headerOf(request, "origin");
  if (origin === undefined) return;
  const host = URL.canParse(origin) ? new URL(origin).host : undefined;
  const own = publicUrl === "" ? request.host : new URL(publicUrl).host;
  if (host !== own)
    throw refuse("csrf_invalid", `The page is from ${origin}; behind a proxy set admin.publicUrl.`);
}

function checkRight(access: Access, caller: Caller, { identity }: AccessDeps): void {
  if (access === "user" || access === anyCaller || access === "anyone" || caller.kind === "token") return;
  const { user } = caller.session;
  if (!identity.rightsOf(user).includes(access))
    throw refuse(
      "right_missing",
      `This needs the right ${access}, which the role ${user.role} does not have.`,
    );
}

/** What a page asks by itself keeps nobody signed in. */
async function noteActivity(
  request: FastifyRequest,
  reply: FastifyReply,
  { session, token }: Extract<Caller, { readonly kind: "session" }>,
  { identity, clock }: AccessDeps,
): Promise<void> {
  if (isStream(request))
    endWithSession(reply, clock, async () => (await identity.session(token)) !== undefined);
  else if (
    headerOf(request, "x-background") !== "1" &&
    clock.nowMs() - session.lastActiveAtMs >= touchEveryMs
  )
    await identity.touch(token);
}

/** The session of a route whose access is `user`. */
export function sessionOf(request: FastifyRequest): Extract<Caller, { readonly kind: "session" }> {
  const caller = callerOf(request);
  invariant(caller?.kind === "session", "a route for users is called by one");
  return caller;
}
