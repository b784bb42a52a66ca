/**
 * What is under way on each connection: an exchange begins with the headers of a request and ends when its answer is
 * written or its client is gone. Node tells a response of its client's end only while it is its turn on the socket;
 * one that waits behind another (pipelining) would never hear of it, so the socket itself is listened to.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

interface Exchange {
  readonly request: IncomingMessage;
  readonly listeners: (() => void)[];
}

const bySocket = new WeakMap<Duplex, Set<Exchange>>();
const byResponse = new WeakMap<ServerResponse, Exchange>();

/** Call it once per request, before anything asks for its end. */
export function beginExchange(request: IncomingMessage, response: ServerResponse): void {
  const exchange: Exchange = { request, listeners: [] };
  const underWay = underWayOn(request.socket);
  underWay.add(exchange);
  byResponse.set(response, exchange);
  response.once("close", () => end(underWay, exchange));
}

/** `listener` is called once; at once when it is too late to wait. */
export function onExchangeEnd(response: ServerResponse, listener: () => void): void {
  const exchange = byResponse.get(response);
  if (exchange) exchange.listeners.push(listener);
  else listener();
}

/** A request has arrived whole and is not answered yet: whatever is sent now would be taken for its answer. */
export const owesAnswer = (socket: Duplex): boolean =>
  [...(bySocket.get(socket) ?? [])].some(({ request }) => request.complete);

function underWayOn(socket: Duplex): Set<Exchange> {
  const known = bySocket.get(socket);
  if (known) return known;
  const underWay = new Set<Exchange>();
  bySocket.set(socket, underWay);
  socket.once("close", () => {
    for (const exchange of [...underWay]) end(underWay, exchange);
  });
  return underWay;
}

function end(underWay: Set<Exchange>, exchange: Exchange): void {
  if (!underWay.delete(exchange)) return;
  for (const listener of exchange.listeners.splice(0)) listener();
}
