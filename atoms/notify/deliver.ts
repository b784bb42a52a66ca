/** One attempt to tell a merchant something (Standard Webhooks), whatever it is about. */
import type { AtomContext } from "../../engine/atom.js";
import type { AtomPorts } from "../define.js";
import type { Fields } from "../fields.js";

export const deliverReads = ["notificationId", "merchantId", "eventType", "eventAt"] as const;
export const deliverMayRead = ["notifyUrl", "notificationAttempt"] as const;

const attempted = { writes: ["notificationAttempt", "answerStatus", "answerDetail"] } as const;
/** `unwanted`: the merchant gave no address. */
export const deliverOutcomes = { delivered: attempted, failed: attempted, unwanted: {} } as const;

type Told = Pick<Fields, (typeof deliverReads)[number]> &
  Partial<Pick<Fields, (typeof deliverMayRead)[number]>>;

type Attempted =
  | { readonly outcome: "unwanted" }
  | {
      readonly outcome: "delivered" | "failed";
      readonly fields: Pick<Fields, (typeof attempted.writes)[number]>;
    };

/** `data`: what it is about, as the API shows it. */
export async function deliver(
  told: Told,
  data: object,
  { ports, nowMs, signal }: AtomContext<Pick<AtomPorts, "webhooks" | "reference">>,
): Promise<Attempted> {
  if (told.notifyUrl === undefined) return { outcome: "unwanted" };
  const secret = await ports.reference.webhookSecret(told.merchantId);
  const notificationAttempt = (told.notificationAttempt ?? 0) + 1;
  if (secret === undefined) {
    const answerDetail = "the merchant has no webhook secret";
    return { outcome: "failed", fields: { notificationAttempt, answerStatus: 0, answerDetail } };
  }
  const timestamp = new Date(told.eventAt).toISOString();
  const answer = await ports.webhooks.send(
    {
      webhookId: told.notificationId,
      url: told.notifyUrl,
      secret,
      timestampS: Math.floor(nowMs / 1000),
      body: JSON.stringify({ type: told.eventType, timestamp, data }),
    },
    signal,
  );
  const delivered = answer.status >= 200 && answer.status < 300;
  return {
    outcome: delivered ? "delivered" : "failed",
    fields: { notificationAttempt, answerStatus: answer.status, answerDetail: answer.detail.slice(0, 256) },
  };
}
