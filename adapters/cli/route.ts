/** `valence route …`: channels switched and drained on the running system. Rules stand in `route-rules.ts`. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { DrainStatus } from "../../engine/ports/index.js";
import type { ChannelView } from "../http/admin/route-services.js";
import { adminTarget, callAdmin, defaultAuthor } from "./admin-client.js";
import { CannotDo } from "./failure.js";
import { authorOption, dataOption, jsonOption } from "./options.js";
import { duration, printJson, table } from "./print.js";
import { addRules } from "./route-rules.js";

interface ReadOptions {
  readonly data?: string;
  readonly json?: true;
}

interface SwitchOptions extends ReadOptions {
  readonly reason: string;
  readonly author?: string;
  readonly waiting?: string;
}

interface DrainOptions extends SwitchOptions {
  readonly close?: true;
  readonly timeoutS: number;
}

const pollEveryMs = 500;

/** Closing is done in a hurry: the audit then says that nobody gave a reason. */
const reasonOption = (): Option =>
  new Option("--reason <text>", "why; the audit keeps it").default("none given");
const waitingOption = (): Option =>
  new Option(
    "--waiting <policy>",
    "what unsent orders in its queue do: stay for it, or be rerouted where another channel can take them (default: as before)",
  ).choices(["stay", "reroute"]);

export function addRoute(program: Command): void {
  const route = program.command("route").description("channels and routing rules of the running system");
  route
    .command("list")
    .description("channels: switch, breaker, modules, what waits, how they do")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(list);
  const change = (name: string, description: string): Command =>
    route
      .command(name)
      .description(description)
      .argument("<channel>")
      .addOption(waitingOption())
      .addOption(reasonOption())
      .addOption(authorOption())
      .addOption(dataOption())
      .addOption(jsonOption());
  change("open", "orders may choose the channel").action((channel: string, options: SwitchOptions) =>
    switchTo(channel, { switch: "open" }, options),
  );
  change("close", "nothing is sent any more; finding out what happened goes on").action(
    (channel: string, options: SwitchOptions) => switchTo(channel, { switch: "closed" }, options),
  );
  change("drain", "no order chooses the channel any more; waits until everything it has is done")
    .option("--close", "close it when it is drained")
    .option("--timeout-s <seconds>", "give up after so long; the channel stays draining", seconds, 600)
    .action(drain);
  change("redirect", "what would go to the channel goes to another one")
    .argument("<to>")
    .action((channel: string, to: string, options: SwitchOptions) =>
      switchTo(channel, { switch: "redirect", redirectTo: to }, options),
    );
  addRules(route);
}

function seconds(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is a whole number of seconds.");
  return Number(text);
}

async function list({ data, json }: ReadOptions): Promise<void> {
  const { channels } = await callAdmin<{ channels: readonly ChannelView[] }>(
    adminTarget(data),
    "GET",
    "/admin/v1/channels",
  );
  if (json) return printJson(channels);
  const rows = channels.map((channel) => [
    channel.channel,
    channel.redirectTo === undefined ? channel.switch : `${channel.switch} to ${channel.redirectTo}`,
    channel.waiting,
    channel.breaker,
    modulesOf(channel),
    channel.charges.ready + channel.charges.delayed,
    channel.charges.inWork,
    `${(channel.successRatio * 100).toFixed(0)} %`,
    `${duration(channel.p50Ms)} / ${duration(channel.p95Ms)}`,
    channel.changedBy === undefined ? "-" : `${channel.changedBy}: ${channel.reason ?? ""}`,
  ]);
  const head = [
    "channel",
    "switch",
    "waiting",
    "breaker",
    "modules",
    "wait",
    "in work",
    "success",
    "p50 / p95",
  ];
  process.stdout.write(table([...head, "last change"], rows, "no channel is registered"));
}

const modulesOf = ({ presence, instances }: ChannelView): string =>
  presence === "live" ? `${instances.length} live` : presence;

interface Position {
  readonly switch: string;
  readonly redirectTo?: string;
}

async function setSwitch(channel: string, to: Position, options: SwitchOptions): Promise<DrainStatus> {
  const { data, reason, waiting, author = defaultAuthor() } = options;
  const path = `/admin/v1/channels/${encodeURIComponent(channel)}/switch`;
  const body = { ...to, ...(waiting === undefined ? {} : { waiting }), author, reason };
  return callAdmin<DrainStatus>(adminTarget(data), "POST", path, body);
}

async function switchTo(channel: string, to: Position, options: SwitchOptions): Promise<void> {
  const status = await setSwitch(channel, to, options);
  if (options.json) return printJson(status);
  const where = to.redirectTo === undefined ? "" : ` to ${to.redirectTo}`;
  process.stdout.write(`${channel} is ${wordOf(status)}${where}; ${leftOf(status)}\n`);
}

const wordOf = (status: DrainStatus): string => (status.switch === "redirect" ? "redirected" : status.switch);

const leftOf = ({ ready, delayed, inWork, openPayments }: DrainStatus): string =>
  `${ready + delayed} orders wait, ${inWork} are in work, ${openPayments} payments have no result yet`;

async function drain(channel: string, options: DrainOptions): Promise<void> {
  const target = adminTarget(options.data);
  const giveUpAtMs = performance.now() + options.timeoutS * 1_000;
  let status = await setSwitch(channel, { switch: "draining" }, options);
  let said = "";
  while (!status.drained) {
    if (status.switch !== "draining")
      throw new CannotDo(`${channel} is not draining any more: somebody has set it to ${status.switch}`);
    if (performance.now() > giveUpAtMs)
      throw new CannotDo(`${channel} is not drained after ${options.timeoutS} s: ${leftOf(status)}`);
    if (leftOf(status) !== said) process.stderr.write(`valence: ${(said = leftOf(status))}\n`);
    await sleep(pollEveryMs);
    status = await callAdmin<DrainStatus>(
      target,
      "GET",
      `/admin/v1/channels/${encodeURIComponent(channel)}/drain`,
    );
  }
  if (options.close) status = await setSwitch(channel, { switch: "closed" }, options);
  if (options.json) return printJson(status);
  process.stdout.write(`${channel} is drained${options.close ? " and closed" : ""}\n`);
}
