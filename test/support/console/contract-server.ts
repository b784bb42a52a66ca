/**
 * The built console in front of a server that answers session and stream as the admin API promises. For what the whole
 * system does not do on demand: a stream that falls silent, a session that ends.
 */
import type { ServerResponse } from "node:http";
import path from "node:path";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { consoleRoutes } from "../../../adapters/http/admin/console.js";
import { type Answer, json, refuse } from "../../../adapters/http/answer.js";
import { createServer, resource } from "../../../adapters/http/server.js";
import { systemClock } from "../../../adapters/system/clock.js";
import { problemOf, type ErrorCode } from "../../../engine/errors.js";
import { silent } from "../../../engine/ports/telemetry.js";
import { root } from "../checkout.js";

export const account = { name: "ann", password: "correct horse battery", code: "123456" } as const;
export const linkToken = "one-time-token";
const csrf = "csrf-of-this-session";
const tickMs = 200;

export interface ContractServer {
  readonly url: string;
  /** Whether a second factor is asked for. */
  secondFactor: boolean;
  signedIn: boolean;
  idleMsMax: number;
  /** Events of the stream come while this is true; the connection stands either way. */
  talking: boolean;
  /** Attempts at the one-time link. */
  readonly linksTried: readonly string[];
  /** `method path` of every change that came without the session's token. */
  readonly withoutCsrf: readonly string[];
  /** Ends every stream, and refuses new ones until `mendStreams`. */
  cutStreams(): void;
  mendStreams(): void;
  close(): Promise<void>;
}

export async function startContractServer(): Promise<ContractServer> {
  const app = createServer({ clock: systemClock, telemetry: silent, bodyBytesMax: 10_000 });
  const streams = new Streams();
  const [linksTried, withoutCsrf]: [string[], string[]] = [[], []];
  const server = {
    ...{ url: "", secondFactor: false, signedIn: false, idleMsMax: 900_000, linksTried, withoutCsrf },
    set talking(talking: boolean) {
      streams.talking = talking;
    },
    get talking() {
      return streams.talking;
    },
    cutStreams: () => streams.cut(),
    mendStreams: () => streams.mend(),
    close: async () => {
      streams.cut();
      await app.close();
    },
  };
  sessionRoutes(app, server);
  streams.routes(app);
  await app.register((scope) => consoleRoutes(scope, path.join(root, "console/dist")));
  server.url = await app.listen({ port: 0, host: "127.0.0.1" });
  return server;
}

/** A code that identity brings; the table of errors may not have it yet. */
function refusal(status: number, code: string, detail: string): Answer {
  const problem = { ...problemOf("not_found", detail), status, code: code as ErrorCode };
  return { ...json(status, problem), contentType: "application/problem+json" };
}

const bodyIn = (request: FastifyRequest): Readonly<Record<string, unknown>> =>
  JSON.parse(String(request.body)) as Record<string, unknown>;

type Mutable = Omit<ContractServer, "linksTried" | "withoutCsrf"> & {
  linksTried: string[];
  withoutCsrf: string[];
};

function sessionRoutes(app: FastifyInstance, server: Mutable): void {
  const opened = (): Answer => {
    server.signedIn = true;
    return session();
  };
  const session = (): Answer =>
    json(200, {
      user: { name: account.name, role: "super", rights: ["watch"], secondFactor: false, hasPassword: true },
      ...{ csrf, idleMsMax: server.idleMsMax },
    });
  app.get("/admin/v1/session", (_request, reply) => {
    if (!server.signedIn) throw refuse("admin_unauthorized", "Sign in.");
    return reply.type("application/json").send(session().body);
  });
  app.delete("/admin/v1/session", (request, reply) => {
    if (request.headers["x-csrf-token"] !== csrf) server.withoutCsrf.push(`DELETE ${request.url}`);
    server.signedIn = false;
    return reply.code(204).send();
  });
  resource(app, "/admin/v1/session/welcome", {
    POST: (request) => {
      const token = String(bodyIn(request)["token"]);
      const used = server.linksTried.includes(token);
      server.linksTried.push(token);
      return used || token !== linkToken ? refusal(401, "link_used", "Used.") : opened();
    },
  });
  app.post("/admin/v1/session", (request, reply) => {
    const { name, password, code } = bodyIn(request);
    const answer =
      name !== account.name || password !== account.password
        ? refusal(401, "credentials_wrong", "Name or password is wrong.")
        : server.secondFactor && code !== account.code
          ? refusal(401, "second_factor_needed", "Send the code.")
          : opened();
    return reply.code(answer.status).type(answer.contentType).send(answer.body);
  });
}

/** A system in which nothing happens. */
const idle = {
  ...{ modules: [], queues: [], channels: [], parkedRuns: 0 },
  bottleneck: { kind: "none", name: "", share: 0, cause: "idle", figures: {}, because: "nothing happens" },
};

class Streams {
  talking = true;
  #refusing = false;
  readonly #open = new Set<ServerResponse>();
  readonly #timer = setInterval(() => this.#tick(), tickMs);

  routes(app: FastifyInstance): void {
    app.get("/admin/v1/metrics/stream", (_request, reply) => {
      if (this.#refusing) throw refuse("unavailable", "Later.");
      reply.hijack();
      reply.raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      reply.raw.write("event: hello\ndata: {}\n\n");
      this.#open.add(reply.raw);
      reply.raw.once("close", () => this.#open.delete(reply.raw));
    });
    app.addHook("onClose", (_app, done) => {
      clearInterval(this.#timer);
      done();
    });
  }

  cut(): void {
    this.#refusing = true;
    for (const response of this.#open) response.destroy();
  }

  mend(): void {
    this.#refusing = false;
  }

  #tick(): void {
    if (!this.talking) return;
    const tick = JSON.stringify({ ...idle, atMs: Date.now() });
    for (const response of this.#open) response.write(`event: tick\ndata: ${tick}\n\n`);
  }
}
