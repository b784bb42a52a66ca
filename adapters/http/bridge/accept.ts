/**
 * From a valid request to a run. One unit of work consumes the nonce and publishes the first message; once it is
 * durable the run survives anything, so the answer may be 2xx and never earlier.
 */
import { deriveId } from "../../../engine/ids.js";
import { ValenceError } from "../../../engine/errors.js";
import { limits } from "../../../engine/limits.js";
import { merged } from "../../../engine/rows.js";
import type { CommitResult, OutgoingMessage, Row, Unit } from "../../../engine/ports/index.js";
import type { ActiveType } from "../../../engine/registry/catalogue.js";
import { type ReplyPayload, startMessage } from "../../../engine/runtime/message.js";
import { refuse } from "../answer.js";
import type { Caller } from "./authenticate.js";
import type { BridgeDeps } from "./deps.js";
import { nonceReused, nonceWrite } from "./nonces.js";
import type { Waiters } from "./waiters.js";

export interface Accepted {
  readonly runId: string;
  readonly orderId: string;
  readonly acceptedAtMs: number;
  /** Everything the run starts with. */
  readonly fields: Row;
  /** Absent when the flow did not reply in time. */
  readonly reply?: ReplyPayload;
}

/** The first message of a run of `active`, to be answered to this instance. */
export const firstMessage = (
  deps: BridgeDeps,
  { plan, type }: ActiveType,
  run: { readonly runId: string; readonly acceptedAtMs: number; readonly fields: Row },
): OutgoingMessage =>
  startMessage(
    plan,
    { type, ...run },
    { replyTo: deps.settings.instance, correlationId: run.runId, claim: true },
  );

export interface AcceptRequest {
  readonly caller: Caller;
  readonly active: ActiveType;
  readonly body: Row;
  /** Names the request where the body has no `merchantOrderId`. */
  readonly idempotencyKey?: string | undefined;
  /** The order that is acted on; default: the one this request creates. */
  readonly orderId?: string;
}

/**
 * @throws Refusal `overloaded`; `nonce_reused`; `accept_unconfirmed` when it is not known whether the run was accepted.
 */
export async function accept(deps: BridgeDeps, waiters: Waiters, request: AcceptRequest): Promise<Accepted> {
  const { caller, active, body } = request;
  if (deps.bus.unsent >= limits.unsentMax)
    throw refuse(
      "overloaded",
      "The message broker is away and enough is waiting for it; nothing was accepted.",
    );
  const runId = deps.random.id();
  const acceptedAtMs = deps.clock.nowMs();
  const merchantId = caller.merchant.merchantId;
  const orderId = request.orderId ?? orderIdOf(merchantId, body, request.idempotencyKey) ?? deps.random.id();
  const fields = merged(body, active.set, { merchantId, type: active.type, orderId });

  const waiter = waiters.wait(runId, deps.settings.replyWaitMs);
  try {
    await confirm(deps, waiter.reply, acceptedAtMs, {
      writes: [nonceWrite(caller)],
      publish: [firstMessage(deps, active, { runId, acceptedAtMs, fields })],
    });
    const reply = await waiter.reply;
    return { runId, orderId, acceptedAtMs, fields, ...(reply ? { reply } : {}) };
  } finally {
    waiter.cancel();
  }
}

/** The parts are length-prefixed: no merchantOrderId can name the order of an Idempotency-Key. */
function orderIdOf(merchantId: string, body: Row, idempotencyKey: string | undefined): string | undefined {
  const merchantOrderId = body["merchantOrderId"];
  if (typeof merchantOrderId === "string") return deriveId("order", merchantId, merchantOrderId);
  return idempotencyKey === undefined ? undefined : deriveId("order", merchantId, "key", idempotencyKey);
}

/** A caller who wants no reply waits for the commit all the same, so long at least. Milliseconds. */
export const confirmMsMin = 3_000;

type Confirmation =
  | { readonly end: CommitResult["result"] | "replied" | "silent" }
  | { readonly end: "failed"; readonly error: unknown };

/**
 * Returns when the unit is durable. A reply proves that too: it can overtake the confirmation. A database that says
 * nothing for as long as a reply may take, and `confirmMsMin` at least, does not keep the caller waiting.
 */
async function confirm(
  deps: BridgeDeps,
  reply: Promise<ReplyPayload | undefined>,
  startedAtMs: number,
  unit: Unit,
): Promise<void> {
  let isOver = false;
  let cancel: () => void = () => undefined;
  const patience = (): Promise<Confirmation> =>
    new Promise((resolve) => {
      const leftMs = confirmMsMin - (deps.clock.nowMs() - startedAtMs);
      if (leftMs <= 0 || isOver) resolve({ end: "silent" });
      else cancel = deps.clock.after(leftMs, () => resolve({ end: "silent" }));
    });
  const confirmation = await Promise.race<Confirmation>([
    deps.store.commit(unit).then(
      ({ result }) => ({ end: result }),
      (error: unknown) => ({ end: "failed", error }),
    ),
    reply.then((payload) => (payload ? { end: "replied" } : patience())),
  ]);
  isOver = true;
  cancel();
  if (confirmation.end === "committed" || confirmation.end === "replied") return;
  if (confirmation.end === "conflict") throw nonceReused();
  const error = confirmation.end === "failed" ? confirmation.error : undefined;
  const code = error instanceof ValenceError ? error.code : confirmation.end;
  const message = error instanceof Error ? error.message : "no confirmation";
  deps.telemetry.log("warn", { event: "request.unconfirmed", code, message });
  // A refused row is certain; everything else that goes wrong in a commit leaves the question open.
  if (code === "write_rejected") throw refuse("internal", "The request was not accepted.");
  throw refuse(
    "accept_unconfirmed",
    "Sign and send the same request again: with the same merchantOrderId or Idempotency-Key it is carried out once.",
  );
}
