/** A stream is answered once and goes on: it ends when the session it began with does. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../../engine/ports/index.js";
import { onExchangeEnd } from "../exchanges.js";
import { headerOf } from "../parameters.js";
import { isStream as isStreamRoute } from "../server.js";

/** A locked user sees nothing new after this long. */
const lookEveryMs = 2_000;

/** Server-sent events, whether or not the reader says that he knows; no click of anybody. */
export const isStream = (request: FastifyRequest): boolean =>
  isStreamRoute(request) || (headerOf(request, "accept") ?? "").includes("text/event-stream");

/** Breaks the connection once `lives` says no. A look that fails says nothing: the next one decides. */
export function endWithSession(reply: FastifyReply, clock: Clock, lives: () => Promise<boolean>): void {
  let over = false;
  let cancel = (): void => undefined;
  const later = (): void => {
    if (!over) cancel = clock.after(lookEveryMs, look);
  };
  const look = (): void => {
    void lives()
      .catch(() => true)
      .then((alive) => (alive ? later() : reply.raw.destroy()));
  };
  onExchangeEnd(reply.raw, () => {
    over = true;
    cancel();
  });
  later();
}
