/**
 * `POST /channels/{channel}/notify`: an institution calls back. The bridge knows no institution's dialect: raw headers
 * and body travel durably to the channel's module, which verifies them and words the reply.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Row } from "../../../../engine/ports/store.js";
import { firstMessage } from "../accept.js";
import { problemAnswer, refuse, type Answer } from "../../answer.js";
import type { BridgeContext } from "../context.js";
import { headerOf, pathParameter } from "../../parameters.js";
import { signedRequest } from "../request.js";
import { resource } from "../../server.js";

const callbackType = "channel.callback";
/** Institutions give up after about five seconds. */
export const callbackWaitMs = 4_000;

export function channelRoutes(app: FastifyInstance, context: BridgeContext): void {
  resource(app, "/channels/:channel/notify", { POST: (request) => notify(context, request) });
}

async function notify({ deps, waiters }: BridgeContext, request: FastifyRequest): Promise<Answer> {
  const channel = pathParameter(request, "channel");
  const known = await deps.reference.channels();
  if (!known.some((facts) => facts.channel === channel))
    throw refuse("not_found", "There is no such channel.");
  const active = deps.catalogue.type(callbackType);
  if (!active) throw refuse("channel_silent", "No flow takes callbacks now; call again.");

  const runId = deps.random.id();
  const fields = {
    ...active.set,
    channel,
    callbackHeaders: headersOf(request),
    callbackBody: Buffer.from(signedRequest(request).body).toString("base64"),
    merchantId: "",
    type: callbackType,
    orderId: deps.random.id(),
  };
  const waiter = waiters.wait(runId, callbackWaitMs);
  const message = firstMessage(deps, active, { runId, acceptedAtMs: deps.clock.nowMs(), fields });
  // Whatever goes wrong in publishing, the institution gets no answer from the channel and calls again.
  const published = deps.bus.publish([message]).then(
    () => waiter.reply,
    (error: unknown) =>
      void deps.telemetry.log("warn", { event: "callback.unpublished", channel, message: String(error) }),
  );
  const reply = await Promise.race([waiter.reply, published]).finally(() => waiter.cancel());
  if (reply?.problem) return problemAnswer(reply.problem);
  const answer = reply && readReply(reply.fields["callbackReply"]);
  if (!answer) throw refuse("channel_silent", "The callback was not answered; call again.");
  deps.telemetry.log("info", {
    event: "request.accepted",
    type: callbackType,
    channel,
    runId,
    status: answer.status,
  });
  return answer;
}

/** Lower-case names, each once. */
function headersOf(request: FastifyRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(request.headers).map((name) => [name, headerOf(request, name) ?? ""]),
  );
}

function readReply(reply: unknown): Answer | undefined {
  const { status, contentType, body } = Object(reply) as Row;
  const fits =
    typeof status === "number" &&
    Number.isInteger(status) &&
    status >= 200 &&
    status <= 599 &&
    typeof contentType === "string" &&
    typeof body === "string";
  return fits ? { status, contentType, headers: {}, body } : undefined;
}
