/** The cookie that carries a session's token: no script reads it, no other site sends it. */
import type { FastifyRequest } from "fastify";

const cookieName = "valence_session";

export const sessionTokenOf = (request: FastifyRequest): string | undefined => {
  const token = request.cookies[cookieName];
  return token === undefined || token === "" ? undefined : token;
};

/** Whether the browser came by https, as far as it can be known: a proxy speaks http to us. */
const isSecure = (request: FastifyRequest, publicUrl: string): boolean =>
  request.protocol === "https" || publicUrl.startsWith("https:");

/** For the header set-cookie. It lives as long as the browser; how long it is good for the server decides. */
export const sessionCookie = (request: FastifyRequest, token: string, publicUrl: string): string =>
  request.server.serializeCookie(cookieName, token, {
    httpOnly: true,
    sameSite: "strict",
    path: "/",
    secure: isSecure(request, publicUrl),
  });

export const noSessionCookie = (request: FastifyRequest, publicUrl: string): string =>
  request.server.serializeCookie(cookieName, "", {
    httpOnly: true,
    sameSite: "strict",
    path: "/",
    secure: isSecure(request, publicUrl),
    maxAge: 0,
  });
