/**
 * What an operator can do to an order now, and why not the rest. Pure, and asked twice: by whoever shows the order and
 * by whoever carries the action out, so that a button and its answer cannot disagree.
 */
import { formatMinor } from "../money.js";
import type { ActionCode, OrderActionName, OrderStory, PossibleAction, StoryRun } from "../ports/story.js";
import { limits } from "../limits.js";

/** A story as far as the actions depend on it. */
export type ToldOrder = Omit<OrderStory, "actions" | "timeline">;

export function possibleActions(story: ToldOrder, nowMs: number): readonly PossibleAction[] {
  const releases = releasable(story);
  if (!story.order) {
    const why = "no order was logged: there is nothing to act on";
    return [...orderActions.map((action) => impossible(action, "not-logged", why)), ...releases];
  }
  return [inquire(story, nowMs), ...resends(story), refund(story), close(story), ...releases];
}

const orderActions = ["inquire", "resend", "refund", "close"] as const;

type More = Pick<PossibleAction, "target" | "amountMinorMax" | "againInMs">;

const possible = (action: OrderActionName, why: string, more: More = {}): PossibleAction => ({
  action,
  possible: true,
  code: "can",
  why,
  ...more,
});

const impossible = (
  action: OrderActionName,
  code: ActionCode,
  why: string,
  more: More = {},
): PossibleAction => ({ action, possible: false, code, why, ...more });

/** Runs that wait for their time to ask the channel: of the payment, of a refund, of a close. */
export const askingRuns = ({ runs }: Pick<OrderStory, "runs">): readonly StoryRun[] =>
  runs.filter(({ asksNext }) => asksNext === true);

/** Only what waits to ask can ask at once: what is under way asks already, what is parked needs a person. */
function inquire(story: ToldOrder, nowMs: number): PossibleAction {
  const asking = askingRuns(story);
  if (asking.length > 0) {
    const lastAtMs = Math.max(
      ...story.operatorActions.filter(({ action }) => action === "inquire").map(({ atMs }) => atMs),
    );
    const againInMs = lastAtMs + limits.inquireByHandEveryMs - nowMs;
    if (againInMs > 0)
      return impossible("inquire", "asked-recently", "the channel was asked a moment ago; see what it says", {
        againInMs,
      });
    const where = asking.map(({ flow, stage }) => `${flow}/${stage}`).join(", ");
    return possible("inquire", `ends the wait in ${where}: the channel is asked at once`);
  }
  const parked = story.runs.find(({ mayGoOnIn = [] }) => mayGoOnIn.some(({ asks }) => asks));
  if (parked)
    return impossible(
      "inquire",
      "parked",
      `run ${parked.runId} is parked: let it go on in a stage that asks`,
    );
  if (isDecided(story)) return impossible("inquire", "decided", "everything about this order is decided");
  const open = story.runs.find(({ state }) => state === "open");
  if (open) return impossible("inquire", "under-way", `it is under way to ${open.flow}/${open.stage}`);
  const waitsFor = story.runs.find(({ state }) => state === "waiting")?.reason ?? "its first stage";
  return impossible("inquire", "nothing-sent", `it waits for ${waitsFor}, and the channel has nothing`);
}

const isDecided = ({ order }: ToldOrder): boolean =>
  order !== undefined && !["processing", "requires_action"].includes(order.status);

function resends({ notifications }: ToldOrder): readonly PossibleAction[] {
  if (notifications.length === 0)
    return [impossible("resend", "none-sent", "nothing was sent to the merchant")];
  return notifications.map(({ notificationId: target, event, status, attempts }) => {
    if (status === "sending")
      return impossible("resend", "still-sending", `${event} is still being sent (${attempts} so far)`, {
        target,
      });
    if (attempts >= resentAttemptsMax)
      return impossible("resend", "sent-too-often", `${event} was sent ${attempts} times`, { target });
    return possible("resend", `${event} goes to the merchant again, under its number`, { target });
  });
}

/** Attempts are counted to 99, and a run of the notifying flow makes some of its own. */
const resentAttemptsMax = 90;

function refund({ order, payments }: ToldOrder): PossibleAction {
  const payer = payments.find(({ paymentId }) => paymentId === order?.paidBy);
  if (!order || !payer) return impossible("refund", "not-paid", "the order is not paid");
  const amountMinorMax = payer.amountMinor - payer.refundReservedMinor;
  if (amountMinorMax <= 0)
    return impossible("refund", "nothing-left", "all of it is refunded, or on its way back");
  const left = formatMinor(amountMinorMax, order.currency);
  return possible("refund", `up to ${left} can be given back through ${payer.channel}`, { amountMinorMax });
}

function close({ order, payments, runs }: ToldOrder): PossibleAction {
  const status = order?.status ?? "";
  if (status === "closed") return impossible("close", "closed", "the order is closed");
  if (isPaidOrAbout(status, payments))
    return impossible("close", "paid", "the order is paid: refund it instead");
  const closing = runs.find(({ flow, state }) => flow === "close" && state !== "ended");
  if (closing) return impossible("close", "closing", `run ${closing.runId} is closing it`);
  return possible("close", "the order is closed, at the channel too if it may have the payment");
}

const isPaidOrAbout = (status: string, payments: ToldOrder["payments"]): boolean =>
  ["paid", "refunded", "partially_refunded"].includes(status) || payments.at(-1)?.status === "approved";

function releasable({ runs }: ToldOrder): readonly PossibleAction[] {
  const parked = runs.filter(({ state }) => state === "parked");
  if (parked.length === 0) return [impossible("release", "none-parked", "no run waits for a person")];
  return parked.map(({ runId: target, flow, stage, reason }) =>
    possible("release", `run of flow ${flow}, parked in ${stage} (${reason}), goes on where you say`, {
      target,
    }),
  );
}
