/**
 * What a client may do with a connection: how many there are, how long a request may take to arrive and an answer to
 * be taken. Without these limits a client that drips bytes, or never reads, holds what others need for ever.
 */
import { type Server, type ServerOptions, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { problemOf, type Problem } from "../../engine/errors.js";
import { invariant } from "../../engine/limits.js";
import type { Clock, Telemetry } from "../../engine/ports/index.js";
import { problemAnswer } from "./answer.js";
import { owesAnswer } from "./exchanges.js";

export interface SocketLimits {
  /** Open connections; one more is closed as it comes. */
  readonly connectionsMax: number;
  /** From the first byte of a request, or a new connection, to the last byte of the request. */
  readonly arrivalMsMax: number;
  /**
   * A connection on which nothing moves for this long while it owes or writes an answer is closed. Longer than any
   * handler takes, or it would cut off who waits for one.
   */
  readonly stillMsMax: number;
}

/** For servers that nobody outside can reach: the console, probes. */
export const innerSocketLimits: SocketLimits = {
  connectionsMax: 1_000,
  arrivalMsMax: 30_000,
  stillMsMax: 120_000,
};

/** Time for the network, on top of what a handler may take, before a still connection is closed. */
export const stillMarginMs = 30_000;

/** How often connections are looked at: one that is too slow lives longer by at most this. */
const checkMs = 1_000;

/** Headers of one request, all together: a signed order has under 1 KiB. */
const headerBytesMax = 16 * 1024;

/** After the answer to what could not be read, its sender may read it for so long. */
const lingerMs = 2_000;

/** Options of node's server. `requireHostHeader`: a request without Host is refused by us, with a problem. */
export function socketOptions({ arrivalMsMax }: SocketLimits): ServerOptions {
  invariant(arrivalMsMax >= checkMs, "a request cannot be cut off sooner than connections are looked at");
  return {
    headersTimeout: arrivalMsMax,
    requestTimeout: arrivalMsMax,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: headerBytesMax,
    requireHostHeader: false,
  };
}

export function limitConnections(
  server: Server,
  { connectionsMax }: SocketLimits,
  telemetry: Telemetry,
): void {
  server.maxConnections = connectionsMax;
  server.on("drop", () => telemetry.count("valence_connections_refused_total", {}));
  // An expectation nobody knows is no reason to refuse (RFC 9110, 10.1.1); node would answer 417 without a word.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
}

const problems: ReadonlyMap<string, Problem> = new Map([
  ["HPE_HEADER_OVERFLOW", problemOf("headers_too_large", `All headers may have ${headerBytesMax} bytes.`)],
  ["ERR_HTTP_REQUEST_TIMEOUT", problemOf("request_slow", "The request did not arrive in time.")],
]);
const malformed = problemOf("request_malformed", "The request cannot be read as HTTP/1.1.");

const answered = new WeakSet<Duplex>();

/**
 * The end of a connection whose bytes node could not read. The problem is sent only if it cannot be taken for the
 * answer to an earlier request on the same connection, which may have been accepted.
 */
export function endUnreadable(
  { code }: { readonly code?: unknown },
  socket: Duplex,
  { clock, telemetry }: { readonly clock: Clock; readonly telemetry: Telemetry },
): void {
  // More of what could not be read, behind what was answered: let it pass until the connection is closed.
  if (answered.has(socket)) return;
  if (!socket.writable || owesAnswer(socket)) {
    socket.destroy();
    return;
  }
  answered.add(socket);
  const problem = problems.get(String(code)) ?? malformed;
  telemetry.count("valence_requests_total", { route: "none", status: String(problem.status) });
  socket.end(onTheWire(problem));
  // Not destroyed at once: what it has sent and we have not read would reset the connection under its answer.
  const cancel = clock.after(lingerMs, () => socket.destroy());
  socket.once("close", cancel);
}

function onTheWire(problem: Problem): string {
  const { status, contentType, body } = problemAnswer(problem);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
