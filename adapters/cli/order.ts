/** `valence order show`: one order explained. */
import type { Command } from "commander";
import type { OrderStory } from "../../engine/ports/story.js";
import { adminTarget, callAdmin, defaultAuthor } from "./admin-client.js";
import { authorOption, dataOption, jsonOption, reasonOption } from "./options.js";
import { printJson } from "./print.js";
import { storyText } from "./story-text.js";

interface ShowOptions {
  readonly data?: string;
  readonly json?: true;
}

interface ReleaseOptions extends ShowOptions {
  readonly stage?: string;
  readonly reason: string;
  readonly author?: string;
}

export function addOrder(program: Command): void {
  const order = program.command("order").description("orders of the running system");
  order
    .command("release")
    .description("let a parked run go on, in the stage it was parked in or another one of its plan")
    .argument("<runId>", "as order show says it")
    .option("--stage <stage>", "where to go on; needed where going on would call the channel again")
    .addOption(reasonOption())
    .addOption(authorOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(release);
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
}

async function release(runId: string, options: ReleaseOptions): Promise<void> {
  const { data, json, stage, reason, author = defaultAuthor() } = options;
  const path = `/admin/v1/runs/${encodeURIComponent(runId)}/release`;
  const body = { ...(stage === undefined ? {} : { stage }), author, reason };
  const released = await callAdmin<{ stage: string; queue: string }>(adminTarget(data), "POST", path, body);
  if (json) printJson(released);
  else process.stdout.write(`run ${runId} goes on in stage ${released.stage}, on queue ${released.queue}\n`);
}
