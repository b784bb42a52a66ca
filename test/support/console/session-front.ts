/**
 * The built console in front of a real admin API, signed in as somebody of the test's choosing: what is asked goes on
 * with the API's own token, and every change is written down. For tests of pages, which are not about signing in.
 */
import path from "node:path";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { consoleRoutes } from "../../../adapters/http/admin/console.js";
import { createServer } from "../../../adapters/http/server.js";
import { systemClock } from "../../../adapters/system/clock.js";
import { silent } from "../../../engine/ports/telemetry.js";
import { root } from "../checkout.js";

export interface SessionUser {
  readonly name: string;
  readonly role: string;
  readonly rights: readonly string[];
}

export interface SessionFront {
  readonly url: string;
  user: SessionUser;
  /** `POST path` of every change that came through, in order. */
  readonly changes: readonly string[];
  close(): Promise<void>;
}

const bodyBytesMax = 1_000_000;

/** @param admin where the admin module listens @param token its bearer token */
export async function startSessionFront(admin: string, token: string, user: SessionUser): Promise<SessionFront> {
  const app = createServer({ clock: systemClock, telemetry: silent, bodyBytesMax });
  const changes: string[] = [];
  const leaving = new AbortController();
  const front = {
    ...{ url: "", user, changes },
    close: async () => {
      leaving.abort();
      await app.close();
    },
  };
  app.get("/admin/v1/session", (_request, reply) =>
    reply.type("application/json").send(
      JSON.stringify({
        user: { ...front.user, secondFactor: false, hasPassword: true },
        ...{ csrf: "csrf", idleMsMax: 900_000 },
      }),
    ),
  );
  const pass = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { method, url, headers, body } = request;
    if (method !== "GET") changes.push(`${method} ${url.split("?")[0]}`);
    const answer = await fetch(`${admin}${url}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: headers.accept ?? "*/*",
        ...(headers["content-type"] === undefined ? {} : { "content-type": headers["content-type"] }),
      },
      ...(Buffer.isBuffer(body) ? { body: new Uint8Array(body) } : {}),
      signal: leaving.signal,
    });
    void reply.code(answer.status).type(answer.headers.get("content-type") ?? "application/json");
    // As it comes: the live stream never ends.
    return reply.send(answer.body === null ? "" : Readable.fromWeb(answer.body));
  };
  for (const method of ["GET", "POST", "PUT", "DELETE"] as const)
    app.route({ method, url: "/admin/*", handler: pass });
  await app.register((scope) => consoleRoutes(scope, path.join(root, "console/dist")));
  front.url = await app.listen({ port: 0, host: "127.0.0.1" });
  return front;
}
