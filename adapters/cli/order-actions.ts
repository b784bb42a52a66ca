/** `valence order inquire|resend|refund|close|release`: what a person does to an order, with a reason. */
import { randomUUID } from "node:crypto";
import { type Command, InvalidArgumentError } from "commander";
import type { ActionDone } from "../http/admin/order-services.js";
import { adminTarget, callAdmin, defaultAuthor } from "./admin-client.js";
import { authorOption, dataOption, jsonOption, reasonOption } from "./options.js";
import { printJson } from "./print.js";

interface ActionOptions {
  readonly data?: string;
  readonly json?: true;
  readonly reason: string;
  readonly author?: string;
  readonly actionId?: string;
}

export function addOrderActions(order: Command): void {
  const action = (name: string, argument: string, description: string): Command =>
    order
      .command(name)
      .description(description)
      .argument(argument)
      .addOption(reasonOption())
      .addOption(authorOption())
      .option("--action-id <uuid>", "of the same action asked for before, whose answer was lost")
      .addOption(dataOption())
      .addOption(jsonOption());
  action("inquire", "<id>", "have the channel asked at once what became of an undecided order").action(
    (id: string, options: ActionOptions) => act(pathOf(id, "inquire"), options, {}),
  );
  action("resend", "<id>", "send the merchant a notification again, under its number")
    .option("--notification <id>", "which one; needed where there are several")
    .action((id: string, { notification, ...options }: ActionOptions & { notification?: string }) =>
      act(pathOf(id, "resend"), options, { notificationId: notification }),
    );
  action("refund", "<id>", "give a paid order back, all that is left of it or a part")
    .option("--amount <minor>", "minor units of its currency", wholeNumber)
    .option("--refund <number>", "a number for the refund, as a merchant gives it")
    .action(
      (id: string, { amount, refund, ...options }: ActionOptions & { amount?: number; refund?: string }) =>
        act(pathOf(id, "refund"), options, { amount, merchantRefundId: refund }),
    );
  action("close", "<id>", "close an unpaid order, at its channel too").action(
    (id: string, options: ActionOptions) => act(pathOf(id, "close"), options, {}),
  );
  action(
    "release",
    "<runId>",
    "let a parked run go on, in the stage it was parked in or another one of its plan",
  )
    .option("--stage <stage>", "where to go on; needed where going on would call the channel again")
    .option(
      "--decide <field=value>",
      "what you decided, where the stage asks for it; may be repeated",
      decision,
      {},
    )
    .action(
      (runId: string, { stage, decide, ...options }: ActionOptions & { stage?: string; decide: object }) =>
        act(`/admin/v1/runs/${encodeURIComponent(runId)}/release`, options, {
          stage,
          ...(Object.keys(decide).length === 0 ? {} : { decided: decide }),
        }),
    );
}

const pathOf = (id: string, action: string): string => `/admin/v1/orders/${encodeURIComponent(id)}/${action}`;

function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a whole number of at least 1");
}

function decision(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, field, value] = /^([A-Za-z0-9]+)=(.+)$/.exec(text) ?? [];
  if (field === undefined || value === undefined) throw new InvalidArgumentError("must be field=value");
  return { ...before, [field]: value };
}

/** Members that are undefined are not sent. */
async function act(path: string, options: ActionOptions, members: object): Promise<void> {
  const { data, json, reason, author = defaultAuthor(), actionId = randomUUID() } = options;
  const body = { ...members, actionId, author, reason };
  const done = await callAdmin<ActionDone>(adminTarget(data), "POST", path, body);
  if (json) return printJson(done);
  const see = done.orderId === undefined ? "" : `; see valence order show ${done.orderId}`;
  process.stdout.write(`${done.repeated ? "asked for before: " : ""}${done.will}${see}\n`);
}
