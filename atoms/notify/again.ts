/**
 * What a notification said when it was first sent, from what is kept about the order: the merchant is told the same
 * thing again under the same number, even if more has happened since. The run that announced it is found by the id it
 * gave to the notifying one; its journal says what was true then.
 */
import type { OrderStory, StoryEvent, StoryNotification } from "../../engine/ports/story.js";
import type { Row } from "../../engine/ports/store.js";
import { eventRunId } from "../../engine/runtime/publications.js";

/** More steps, and more events of one step, than any transaction has. */
const stepsMax = 32;
const eventsMax = 4;

/** The fields a run of the notifying flow starts with. */
export function notificationAgain(story: OrderStory, notification: StoryNotification): Row {
  const { notificationId, event: eventType, url: notifyUrl, attempts } = notification;
  const then = announcedWith(story, notification);
  const { order } = story;
  const eventAt = then["refundUpdatedAt"] ?? then["orderUpdatedAt"] ?? order?.updatedAtMs;
  return {
    ...order?.fields,
    ...{ amount: order?.amountMinor, currency: order?.currency, problem: order?.error },
    ...{ orderCreatedAt: order?.createdAtMs, orderUpdatedAt: order?.updatedAtMs },
    ...statusIn(eventType),
    ...then,
    ...refundIn(story, then["refundId"]),
    ...{ notificationId, eventType, eventAt, notifyUrl, notificationAttempt: attempts },
  };
}

/** `order.paid` tells of a paid order, whatever has become of it. */
function statusIn(eventType: string): Row {
  const [about, status] = eventType.split(".");
  return about === "order" ? { orderStatus: status } : { refundStatus: status };
}

/** Everything the announcing run had written by then; nothing when its journal is gone. */
function announcedWith({ runs, timeline }: OrderStory, { runId }: StoryNotification): Row {
  const flow = runs.find((run) => run.runId === runId)?.flow ?? "";
  const told = timeline.find((event) => event.kind === "transaction" && hasStarted(event, runId, flow));
  if (!told) return {};
  const before = timeline.filter(
    (event) => event.runId === told.runId && (event.hop ?? 0) <= (told.hop ?? 0),
  );
  return Object.assign({}, ...before.map(({ fields }) => fields)) as Row;
}

function hasStarted({ runId, hop = 0 }: StoryEvent, started: string, flow: string): boolean {
  for (let step = 0; step < stepsMax; step++)
    for (let index = 0; index < eventsMax; index++)
      if (eventRunId(runId, { hop, step, index, flow }) === started) return true;
  return false;
}

function refundIn({ refunds, order }: OrderStory, refundId: unknown): Row {
  const refund = refunds.find((each) => each.refundId === refundId);
  if (!refund) return {};
  const { merchantRefundId, amountMinor: amount, currency, reason, channelRefundId } = refund;
  return {
    refundId,
    merchantRefundId,
    amount,
    currency,
    reason,
    channelRefundId,
    type: order?.fields["type"],
  };
}
