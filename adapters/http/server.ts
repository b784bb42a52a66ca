/**
 * The only file that configures fastify, for every server of the product that people reach. Handlers get the request and give back an `Answer`; what they throw becomes
 * a problem here, and nowhere else.
 */
import type { IncomingMessage } from "node:http";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { problemOf, ValenceError, type ErrorEntry, type Problem } from "../../engine/errors.js";
import type { Clock, Telemetry } from "../../engine/ports/index.js";
import { problemAnswer, refuse, Refusal, type Answer } from "./answer.js";
import { readBody } from "./body.js";
import { beginExchange, onExchangeEnd } from "./exchanges.js";
import {
  endUnreadable,
  innerSocketLimits,
  limitConnections,
  socketOptions,
  type SocketLimits,
} from "./sockets.js";

export type Handler = (request: FastifyRequest) => Answer | Promise<Answer>;
/** A handler and what its caller must be allowed; who asks for it is up to the server (`admin/access.ts`). */
export interface Guarded {
  readonly access: string;
  readonly handle: Handler;
}
export type Handlers = Readonly<Partial<Record<"GET" | "POST" | "PUT" | "DELETE", Handler | Guarded>>>;

declare module "fastify" {
  interface FastifyContextConfig {
    access?: string;
    /** Its answer has no end of its own. */
    isStream?: true;
  }
}

/** Access of what refuses every caller alike: he need only be somebody. */
export const anyCaller = "known";

const securityHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** A fastify that parses nothing, coerces nothing and answers every failure as a problem. */
export function createServer(deps: {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** A larger body is refused with 413. */
  readonly bodyBytesMax: number;
  /** Told of every request whose body has arrived; the result is called when it is answered or its client has left. */
  readonly progress?: { begin(): () => void };
  /** Default: those of a server that nobody outside can reach. */
  readonly sockets?: SocketLimits;
}): FastifyInstance {
  const sockets = deps.sockets ?? innerSocketLimits;
  const app = fastify({
    logger: false,
    http: socketOptions(sockets),
    requestTimeout: sockets.arrivalMsMax,
    connectionTimeout: sockets.stillMsMax,
    forceCloseConnections: true,
    // Our own validation is the only one; these stand here in case someone adds a route schema.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    frameworkErrors: (_error, _request, reply) => void send(reply, problemAnswer(noSuchResource())),
    clientErrorHandler: (error, socket) => endUnreadable(error, socket, deps),
  });
  limitConnections(app.server, sockets, deps.telemetry);
  app.removeAllContentTypeParsers();
  // Every body is raw bytes: the signature covers those, and whether it is JSON is asked after who sends it.
  app.addContentTypeParser("*", (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, Number(request.headers["content-length"]), deps.bodyBytesMax),
  );
  app.addHook("onRequest", (request, reply, done) => {
    beginExchange(request.raw, reply.raw);
    measure(deps, request, reply);
    checkHost(request.raw);
    done();
  });
  // Not before the body is there: a client that drips bytes is slow, and this server is not.
  app.addHook("preHandler", (request, reply, done) => {
    // A stream ends when its reader leaves: that it goes on is no sign of a hang.
    const end = isStream(request) ? undefined : deps.progress?.begin();
    if (end) onExchangeEnd(reply.raw, end);
    done();
  });
  app.setNotFoundHandler((_request, reply) => send(reply, problemAnswer(noSuchResource())));
  app.setErrorHandler((error, request, reply) => send(reply, answerOf(error, request, deps.telemetry)));
  return app;
}

/** One URL with its methods; any other method is a 405 that names them. */
export function resource(app: FastifyInstance, url: string, handlers: Handlers): void {
  const allowed = Object.keys(handlers).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  for (const [method, entry] of Object.entries(handlers)) {
    const { access, handle } = typeof entry === "function" ? { handle: entry } : entry;
    app.route({
      method,
      url,
      config: access === undefined ? {} : { access },
      handler: async (request, reply) => {
        const run = async (): Promise<Answer> => handle(request);
        return send(reply, await (wrappers.get(request)?.(run) ?? run()));
      },
    });
  }
  refuseOthers(app, url, allowed);
}

function refuseOthers(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  const refuseMethod = (): never => {
    const problem = problemOf("method_not_allowed", `This resource takes ${allowed.join(", ")}.`);
    throw new Refusal(problem, { allow: allowed.join(", ") });
  };
  app.route({
    method: app.supportedMethods.filter((method) => !allowed.includes(method)),
    url,
    config: { access: anyCaller },
    // Before the body is read: it would not be used.
    onRequest: async () => refuseMethod(),
    handler: refuseMethod,
  });
}

/** Answers a GET bit by bit, for as long as its reader stays. `begin` sends the headers and gives what is written to. */
export interface Stream {
  /** What its caller must be allowed. */
  readonly access?: string;
  readonly open: (request: FastifyRequest, begin: (contentType: string) => FastifyReply["raw"]) => void;
}

export const isStream = ({ routeOptions }: FastifyRequest): boolean => routeOptions.config?.isStream === true;

/** One URL that is read as a stream. What `open` throws before it has begun is answered as a problem. */
export function streamResource(app: FastifyInstance, url: string, { access, open }: Stream): void {
  app.route({
    method: "GET",
    url,
    exposeHeadRoute: false,
    config: { isStream: true, ...(access === undefined ? {} : { access }) },
    handler: (request, reply) => {
      open(request, (contentType) => {
        void reply.hijack();
        // Proxies that collect an answer before they pass it on are told not to.
        const headers = { ...securityHeaders, "content-type": contentType, "x-accel-buffering": "no" };
        return reply.raw.writeHead(200, headers);
      });
      return reply;
    },
  });
  refuseOthers(app, url, ["GET"]);
}

type Wrapper = (run: () => Promise<Answer>) => Promise<Answer>;

const wrappers = new WeakMap<FastifyRequest, Wrapper>();

/** Runs the handler of this request, its body read, inside `wrapper`. */
export const wrapHandler = (request: FastifyRequest, wrapper: Wrapper): void => {
  wrappers.set(request, wrapper);
};

/** Bytes, and the header as such: fastify would add a charset to what an institution wants verbatim. */
const send = (reply: FastifyReply, answer: Answer): FastifyReply =>
  reply
    .code(answer.status)
    .headers(securityHeaders)
    .headers(answer.headers)
    .header("content-type", answer.contentType)
    .send(Buffer.from(answer.body, "utf8"));

const noSuchResource = (): Problem => problemOf("not_found", "There is nothing at this path.");

/** RFC 9112, 3.2: who could mean two hosts, or none, is refused. A proxy before us may have read the other one. */
function checkHost({ rawHeaders, httpVersion }: IncomingMessage): void {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts > 1 || (hosts === 0 && httpVersion !== "1.0"))
    throw refuse("request_malformed", "Send one Host header.");
}

/** What the nginx people write when the client left before the answer. */
const clientGone = "499";

function measure(
  deps: { readonly clock: Clock; readonly telemetry: Telemetry },
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const startedMs = deps.clock.monotonicMs();
  onExchangeEnd(reply.raw, () => {
    // The pattern, never the path: a label per order would fill the memory of whoever scrapes it.
    const route = request.routeOptions.url ?? "none";
    const status = reply.raw.writableFinished ? String(reply.raw.statusCode) : clientGone;
    deps.telemetry.count("valence_requests_total", { route, status });
    if (isStream(request)) return;
    deps.telemetry.observe(
      "valence_request_seconds",
      { route },
      (deps.clock.monotonicMs() - startedMs) / 1000,
    );
  });
}

function answerOf(error: unknown, request: FastifyRequest, telemetry: Telemetry): Answer {
  if (error instanceof Refusal) return problemAnswer(error.problem, error.headers);
  if (error instanceof ValenceError) {
    const entry: ErrorEntry = error.entry;
    if (error.code === "database_unreachable")
      return problemAnswer(problemOf("unavailable", "Send the request again."));
    if (entry.status !== undefined && error.code !== "internal")
      return problemAnswer(problemOf(error.code, error.detail));
  }
  const { code, statusCode, message } = describe(error);
  if (statusCode === 415) {
    return problemAnswer(
      refuse("content_type_unsupported", "The content-type header cannot be read.").problem,
    );
  }
  // A body that ended early has no reader for its answer, and is nothing an operator could mend.
  if (!request.raw.destroyed) {
    const route = request.routeOptions.url ?? "none";
    telemetry.log("error", { event: "request.failed", route, code, message });
  }
  return problemAnswer(problemOf("internal", "The request failed for a reason that is not its own."));
}

function describe(error: unknown): {
  readonly code: string;
  readonly statusCode: number;
  readonly message: string;
} {
  const { code, statusCode, message } = Object(error) as Readonly<Record<string, unknown>>;
  return {
    code: String(code ?? "none"),
    statusCode: Number(statusCode ?? 500),
    message: String(message ?? error),
  };
}
