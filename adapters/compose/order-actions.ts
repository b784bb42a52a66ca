/**
 * Operators act on orders. An action is one unit of work: its own row (whose id the client chose, so that it happens
 * once), the audit line, and the messages that set it going. Nothing is done here that the flows do not do for
 * merchants, too: the same runs are started by the same messages. A process that dies before the commit has done
 * nothing; after it, everything is on its way, and a repeat gets the answer of the first.
 */
import { isDeepStrictEqual } from "node:util";
import { ValenceError } from "../../engine/errors.js";
import type { OrderStory, PossibleAction, Row, Write } from "../../engine/ports/index.js";
import type { ActionDone, AskedAction } from "../http/admin/order-services.js";
import type { Kernel } from "./kernel.js";
import { closing, inquiring, type Planned, refunding, resending } from "./order-action-kinds.js";

/** What identifies a request beside its id: a repeat agrees in all of it. */
export interface Request extends Pick<AskedAction, "actionId" | "by"> {
  readonly action: ActionDone["action"];
  readonly orderId: string | null;
  readonly subject: string;
  readonly input: Row;
}

/** @throws ValenceError see `OrderServices.act` */
export async function act(kernel: Kernel, story: OrderStory, asked: AskedAction): Promise<ActionDone> {
  const { action, actionId, by, ...input } = asked;
  const { orderId } = story;
  const request: Request = { action, actionId, by, orderId, subject: `order ${orderId}`, input };
  const before = await doneBefore(kernel, request);
  if (before) return before;
  const chosen = choose(story.actions, asked);
  if (!chosen.possible) throw refusalOf(chosen);
  return carryOut(kernel, request, await plan(kernel, story, asked, chosen));
}

function plan(
  kernel: Kernel,
  story: OrderStory,
  asked: AskedAction,
  chosen: PossibleAction,
): Promise<Planned> {
  switch (asked.action) {
    case "inquire":
      return inquiring(kernel, story);
    case "resend":
      return resending(kernel, story, chosen.target ?? "");
    case "refund":
      return refunding(kernel, story, asked, chosen.amountMinorMax ?? 0);
    case "close":
      return closing(kernel, story);
  }
}

/** The action the order's story offers under this name, and for this notification. */
function choose(actions: readonly PossibleAction[], asked: AskedAction): PossibleAction {
  const named = actions.filter(({ action }) => action === asked.action);
  const wanted = asked.action === "resend" ? asked.notificationId : undefined;
  const fitting = wanted === undefined ? named : named.filter(({ target }) => target === wanted);
  const [first, ...more] = fitting;
  if (!first) throw new ValenceError("not_found", `the order has no notification ${wanted}`);
  if (more.length === 0) return first;
  const targets = fitting.map(({ target }) => target).join(", ");
  throw new ValenceError("field_invalid", `name the notification in notificationId: ${targets}`);
}

const refusalOf = ({ why, againInMs }: PossibleAction): ValenceError =>
  againInMs === undefined
    ? new ValenceError("action_impossible", why)
    : new ValenceError("asked_too_soon", `${why}; again in ${Math.ceil(againInMs / 1000)} s`);

/** @throws ValenceError `action_mismatch` when the id was used for something else */
export async function doneBefore({ store }: Kernel, request: Request): Promise<ActionDone | undefined> {
  const { actionId, action, orderId, input } = request;
  const row = await store.find("operatorActions", { actionId });
  if (!row) return undefined;
  const asked = { action: row["action"], orderId: row["orderId"], input: row["input"] };
  if (!isDeepStrictEqual(asked, { action, orderId, input }))
    throw new ValenceError("action_mismatch", `${actionId} was ${String(row["action"])} before`);
  return { ...(row["answer"] as Omit<ActionDone, "repeated">), repeated: true };
}

/** @throws ValenceError `action_impossible`, `accept_unconfirmed` */
export async function carryOut(
  kernel: Kernel,
  request: Request,
  { answer, writes = [], publish }: Planned,
  audit: Write = auditLine(kernel, request, answer),
): Promise<ActionDone> {
  const { actionId, action, orderId, input, by } = request;
  const done = { actionId, action, ...(orderId === null ? {} : { orderId }), ...answer };
  const row = {
    ...{ actionId, orderId, action, input, answer: done },
    ...{ who: by.author, reason: by.reason, at: kernel.clock.nowMs() },
  };
  const kept: Write = { kind: "insert", table: "operatorActions", exists: "conflict", row };
  const result = await kernel.store
    .commit({ writes: [kept, audit, ...writes], publish })
    .catch((error: unknown) => {
      // Whether it is done nobody knows; asked again under the same id it is done once.
      if (error instanceof ValenceError && error.code === "commit_unknown")
        throw new ValenceError("accept_unconfirmed", "ask again with the same actionId", { cause: error });
      throw error;
    });
  if (result.result !== "committed") {
    const before = await doneBefore(kernel, request);
    if (before) return before;
    throw new ValenceError("action_impossible", "the order has moved meanwhile: look at it again");
  }
  kernel.telemetry.log("info", { event: `order.${action}`, actionId, orderId, ...answer, ...by });
  return { ...done, repeated: false };
}

function auditLine(kernel: Kernel, { action, subject, input, by, actionId }: Request, answer: Row): Write {
  const after = { actionId, ...input, ...answer };
  const row = { auditId: kernel.random.id(), who: by.author, action: `order.${action}`, subject, after };
  return { kind: "insert", table: "audit", exists: "conflict", row: { ...row, reason: by.reason } };
}
