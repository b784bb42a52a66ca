/** `valence order …`: orders found, explained and acted upon. The actions stand in `order-actions.ts`. */
import type { Command } from "commander";
import type { OrderStory } from "../../engine/ports/story.js";
import { adminTarget, callAdmin } from "./admin-client.js";
import { dataOption, jsonOption } from "./options.js";
import { addOrderActions } from "./order-actions.js";
import { addOrderList } from "./order-list.js";
import { printJson } from "./print.js";
import { storyText } from "./story-text.js";

interface ShowOptions {
  readonly data?: string;
  readonly json?: true;
}

export function addOrder(program: Command): void {
  const order = program.command("order").description("orders of the running system");
  addOrderList(order);
  order
    .command("show")
    .description("explain one order: who paid what, why it is in its state, everything that happened")
    .argument("<id>", "orderId, or the merchant's merchantOrderId")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (id: string, { data, json }: ShowOptions) => {
      const path = `/admin/v1/orders/${encodeURIComponent(id)}`;
      const story = await callAdmin<OrderStory>(adminTarget(data), "GET", path);
      if (json) printJson(story);
      else process.stdout.write(storyText(story));
    });
  addOrderActions(order);
}
