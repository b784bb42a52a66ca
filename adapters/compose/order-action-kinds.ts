/** What each action of an operator sets going: messages the engine knows from elsewhere, and nothing else. */
import { notificationAgain } from "../../atoms/notify/again.js";
import { systemFields, vocabulary } from "../../atoms/index.js";
import { ValenceError } from "../../engine/errors.js";
import { deriveId } from "../../engine/ids.js";
import type { OrderStory, OutgoingMessage, Row, StoryRun, Write } from "../../engine/ports/index.js";
import type { ActiveType } from "../../engine/registry/catalogue.js";
import { startMessage } from "../../engine/runtime/message.js";
import { timerMessage } from "../../engine/runtime/publications.js";
import { askingRuns } from "../../engine/runtime/story-actions.js";
import type { ActionDone, AskedAction } from "../http/admin/order-services.js";
import { closeType } from "../http/bridge/routes/close.js";
import { refundType } from "../http/bridge/routes/refunds.js";
import { createValidateBody } from "../http/bridge/validate.js";
import type { Kernel } from "./kernel.js";

/** What an action sets going. */
export interface Planned {
  readonly answer: Omit<ActionDone, "actionId" | "action" | "orderId" | "repeated">;
  readonly writes?: readonly Write[];
  readonly publish: readonly OutgoingMessage[];
}

/**
 * Ends the waits after which the channel is asked, as their timers would. A timer's message names its wait: the one
 * that comes later of its own accord ends nothing.
 */
export async function inquiring(kernel: Kernel, story: OrderStory): Promise<Planned> {
  const runs = askingRuns(story);
  const found = await Promise.all(runs.map((run) => timeoutOf(kernel, run)));
  const publish = found.flatMap((message) => (message ? [message] : []));
  const [first] = runs;
  if (publish.length === 0 || !first)
    throw new ValenceError("action_impossible", "it has moved on meanwhile: look at it again");
  const where = runs.map(({ flow, stage }) => `${flow}/${stage}`).join(", ");
  return { answer: { will: `the channel is asked at once (${where})`, runId: first.runId }, publish };
}

async function timeoutOf({ store }: Kernel, { runId }: StoryRun): Promise<OutgoingMessage | undefined> {
  const run = await store.find("runs", { runId });
  if (run?.["state"] !== "waiting") return undefined;
  const hop = Number(run["hop"]);
  const timer = await store.find("timers", { runId, hop });
  // Without a timer its message is on its way already.
  return timer && timerMessage({ runId, hop, signal: String(timer["signal"]) });
}

/** The notification is `sending` again in the commit that starts the run which sends it. */
export function resending(kernel: Kernel, story: OrderStory, notificationId: string): Promise<Planned> {
  const { catalogue, random, clock } = kernel;
  const notification = story.notifications.find((each) => each.notificationId === notificationId);
  const flow = story.runs.find(({ runId }) => runId === notification?.runId)?.flow;
  const plan = catalogue.plans().find((each) => each.flow === flow);
  if (!notification || !plan)
    throw new ValenceError("action_impossible", "no flow in force sends this notification");
  const again = notificationAgain(story, notification);
  const missing = plan.input.filter((name) => again[name] === undefined);
  if (missing.length > 0)
    throw new ValenceError("action_impossible", `it cannot be told again: ${missing.join(", ")} is not kept`);
  const names = [...plan.input, ...plan.optional, ...systemFields, "notificationAttempt"];
  const fields = Object.fromEntries(
    names.flatMap((name) => (again[name] === undefined ? [] : [[name, again[name]]])),
  );
  const runId = random.id();
  const acceptedAtMs = clock.nowMs();
  const { event, attempts } = notification;
  return Promise.resolve({
    answer: { will: `${event} is sent again as ${notificationId}`, runId },
    writes: [
      {
        kind: "transition",
        table: "notifications",
        key: { notificationId },
        from: ["delivered", "failed"],
        to: "sending",
        match: { attempts },
        set: { updatedAt: acceptedAtMs },
      },
    ],
    publish: [startMessage(plan, { runId, type: String(fields["type"]), acceptedAtMs, fields }, {})],
  });
}

/** The same run as a merchant's own refund; whether enough is left it alone sees unraced. */
export async function refunding(
  kernel: Kernel,
  { orderId }: OrderStory,
  { actionId, amountMinor, merchantRefundId = `op-${actionId}` }: AskedAction & { readonly action: "refund" },
  amountMinorMax: number,
): Promise<Planned> {
  const amount = amountMinor ?? amountMinorMax;
  if (amount > amountMinorMax) {
    const detail = `${amountMinorMax} minor units are left, ${amount} were asked for`;
    throw new ValenceError("refund_exceeds_payment", detail);
  }
  const { run, merchantId } = await starting(kernel, refundType, orderId, { merchantRefundId, amount });
  const refundId = deriveId("refund", merchantId, merchantRefundId);
  const will = `${amount} minor units go back as refund ${merchantRefundId}`;
  return { answer: { will, refundId, runId: run.runId }, publish: [run.message] };
}

/** The same run as a merchant's own close. */
export async function closing(kernel: Kernel, { orderId }: OrderStory): Promise<Planned> {
  const { run } = await starting(kernel, closeType, orderId, {});
  const will = "the order is closed, at its channel first if that may have it";
  return { answer: { will, runId: run.runId }, publish: [run.message] };
}

interface Starting {
  readonly run: { readonly runId: string; readonly message: OutgoingMessage };
  readonly merchantId: string;
}

/** What the bridge starts when the order's merchant asks for it. @throws ValenceError, Refusal when the body does not fit */
async function starting(kernel: Kernel, type: string, orderId: string, body: Row): Promise<Starting> {
  const { catalogue, store, random, clock } = kernel;
  const active = catalogue.type(type);
  if (!active) throw new ValenceError("type_unknown", `no flow in force serves type ${type}`);
  checkBody(kernel, active, body);
  const order = await store.find("orders", { orderId });
  if (!order) throw new ValenceError("not_found", `there is no order ${orderId}`);
  const merchantId = String(order["merchantId"]);
  const runId = random.id();
  const fields = { ...body, ...active.set, merchantId, type, orderId };
  const message = startMessage(active.plan, { runId, type, acceptedAtMs: clock.nowMs(), fields }, {});
  return { run: { runId, message }, merchantId };
}

const checkBody = ({ catalogue }: Kernel, active: ActiveType, body: Row): void =>
  createValidateBody(catalogue, vocabulary.dictionary, systemFields)(active, body);
