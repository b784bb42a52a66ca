/** Signing in and out, and what a user changes about himself. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { problemOf } from "../../../../engine/errors.js";
import type { Identity, Session, SignedIn } from "../../../../engine/ports/index.js";
import { type Answer, json, refuse, Refusal } from "../../answer.js";
import { resource } from "../../server.js";
import { requireRight, sessionOf } from "../access.js";
import { bodyOf, invalid, textIn } from "../input.js";
import { noSessionCookie, sessionCookie } from "../session-cookie.js";

const nameMax = 100;
const passwordMax = 1_000;
const codeMax = 20;
const tokenMax = 200;

const noContent = (headers: Answer["headers"] = {}): Answer => ({
  ...{ status: 204, contentType: "application/json; charset=utf-8", headers, body: "" },
});

export function sessionRoutes(app: FastifyInstance, identity: Identity, publicUrl: string): void {
  const view = (session: Session): unknown => {
    const { name, role, secondFactor, hasPassword } = session.user;
    const user = { name, role, rights: identity.rightsOf(session.user), secondFactor, hasPassword };
    const { csrf, byLink } = session;
    return { user, csrf, byLink, idleMsMax: identity.limits.idleMsMax };
  };
  const signedIn = (request: FastifyRequest, { session, token }: SignedIn): Answer =>
    json(200, view(session), { "set-cookie": sessionCookie(request, token, publicUrl) });

  resource(app, "/admin/v1/session", {
    GET: requireRight("user", (request) => json(200, view(sessionOf(request).session))),
    POST: requireRight("anyone", async (request) => {
      const body = bodyOf(request, ["name", "password", "code"]);
      const result = await identity.login({
        name: textIn(body, "name", nameMax),
        password: textIn(body, "password", passwordMax),
        ...(body["code"] === undefined ? {} : { code: textIn(body, "code", codeMax) }),
        address: request.ip,
      });
      if (result.ok) return signedIn(request, result.signedIn);
      if (result.code === "login_throttled") throw throttled(result.waitMs);
      throw refuse(result.code, loginAdvice[result.code]);
    }),
    DELETE: requireRight("user", async (request) => {
      await identity.logout(sessionOf(request).token);
      return noContent({ "set-cookie": noSessionCookie(request, publicUrl) });
    }),
  });
  resource(app, "/admin/v1/session/welcome", {
    POST: requireRight("anyone", async (request) => {
      const token = textIn(bodyOf(request, ["token"]), "token", tokenMax);
      const welcomed = await identity.welcome(token, request.ip);
      if (!welcomed) throw refuse("link_used", "Ask for a new one, or run: valence user link <name>");
      return signedIn(request, welcomed);
    }),
  });
  resource(app, "/admin/v1/session/password", {
    PUT: requireRight("user", async (request) => {
      const body = bodyOf(request, ["current", "password"]);
      const current = body["current"] === undefined ? undefined : textIn(body, "current", passwordMax);
      const next = textIn(body, "password", passwordMax);
      const passwords = { next, ...(current === undefined ? {} : { current }) };
      const result = await identity.setPassword(sessionOf(request).session, passwords, request.ip);
      if (result.ok) return signedIn(request, result.signedIn);
      if (result.code === "password_unfit") throw invalid([{ pointer: "/password", message: result.why }]);
      if (result.code === "login_throttled") throw throttled(result.waitMs);
      throw refuse(result.code, "Nothing was changed.");
    }),
  });
  secondFactorRoutes(app, identity);
}

function secondFactorRoutes(app: FastifyInstance, identity: Identity): void {
  resource(app, "/admin/v1/session/second-factor", {
    POST: requireRight("user", async (request) => {
      const proposed = await identity.proposeSecondFactor(sessionOf(request).session.user);
      if (!proposed)
        throw refuse(
          "second_factor_state",
          "Choose a password first; a second factor that is set up has to be removed first.",
        );
      return json(200, proposed);
    }),
    PUT: requireRight("user", async (request) => {
      const code = textIn(bodyOf(request, ["code"]), "code", codeMax);
      const result = await identity.confirmSecondFactor(sessionOf(request).session.user, code);
      if (result === "confirmed") return noContent();
      if (result === "not-proposed") throw refuse("second_factor_state", "Begin with POST.");
      throw invalid([{ pointer: "/code", message: "is not the code the app shows now" }]);
    }),
    DELETE: requireRight("user", async (request) => {
      const password = textIn(bodyOf(request, ["password"]), "password", passwordMax);
      const { user } = sessionOf(request).session;
      const result = await identity.removeSecondFactor(user, password, request.ip);
      if (result.ok) return noContent();
      if (result.code === "login_throttled") throw throttled(result.waitMs);
      throw refuse(result.code, "Nothing was changed.");
    }),
  });
}

const loginAdvice = {
  credentials_wrong: "Nothing tells which of them; several failures make you wait.",
  second_factor_needed: "Send the code your app shows in `code`.",
} as const;

function throttled(waitMs: number): Refusal {
  const waitS = Math.ceil(waitMs / 1_000);
  const problem = problemOf("login_throttled", `Try again in ${waitS} s.`);
  return new Refusal(problem, { "retry-after": String(waitS) });
}
