/** `valence module …` and `valence queue …`: who lives, what waits, what died. */
import type { Command } from "commander";
import type { ModuleView, QueueDepth } from "../../engine/ports/index.js";
import type { DeadLetterPage, WaitingMessage } from "../http/admin/queue-services.js";
import { adminTarget, callAdmin, defaultAuthor } from "./admin-client.js";
import { authorOption, dataOption, jsonOption, reasonOption } from "./options.js";
import { moduleTable } from "./module-text.js";
import { duration, printJson, table, time } from "./print.js";

interface Options {
  readonly data?: string;
  readonly json?: true;
}

export function addOperate(program: Command): void {
  program
    .command("module")
    .description("modules of the running system")
    .command("list")
    .description("every module: live, idle, stuck or lost, where it runs, what it serves and how far it gets")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(modules);
  const queue = program.command("queue").description("queues and dead letters of the running system");
  queue
    .command("list")
    .description("queues and their depths")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(queues);
  queue
    .command("show")
    .description("what waits in a queue, oldest first; nothing is taken")
    .argument("<queue>")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(show);
  queue
    .command("dead")
    .description("dead letters of a queue, oldest first")
    .argument("<queue>")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(dead);
  queue
    .command("replay")
    .description("put dead letters back into their queue: those named, or all")
    .argument("<queue>")
    .argument("[id...]")
    .addOption(reasonOption())
    .addOption(authorOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(replay);
  queue
    .command("discard")
    .description("remove dead letters for good; the runs they parked stay parked")
    .argument("<queue>")
    .argument("<id...>")
    .addOption(reasonOption())
    .addOption(authorOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(discard);
}

async function modules({ data, json }: Options): Promise<void> {
  const found = await callAdmin<{ modules: readonly ModuleView[] }>(
    adminTarget(data),
    "GET",
    "/admin/v1/modules",
  );
  // Atoms by signature are for programs that compare builds: --json of the admin API has them.
  const shown = found.modules.map(({ atoms, ...rest }) => ({ ...rest, atoms: Object.keys(atoms).length }));
  if (json) printJson(shown);
  else process.stdout.write(moduleTable(found.modules));
}

async function queues({ data, json }: Options): Promise<void> {
  const found = await callAdmin<{ queues: readonly QueueDepth[] }>(
    adminTarget(data),
    "GET",
    "/admin/v1/queues",
  );
  if (json) return printJson(found.queues);
  const rows = found.queues.map(({ queue, ready, delayed, leased, dead: died, oldestReadyMs }) => [
    queue,
    ready,
    delayed,
    leased,
    died,
    ready > 0 ? duration(oldestReadyMs) : "-",
  ]);
  process.stdout.write(
    table(["queue", "ready", "delayed", "in work", "dead", "oldest ready"], rows, "every queue is empty"),
  );
}

async function show(name: string, { data, json }: Options): Promise<void> {
  const { messages } = await callAdmin<{ messages: readonly WaitingMessage[] }>(
    adminTarget(data),
    "GET",
    `/admin/v1/queues/${encodeURIComponent(name)}/messages`,
  );
  if (json) return printJson(messages);
  const rows = messages.map(({ messageId, state, atMs, deliveries, runId = "", stage = "" }) => [
    ...[messageId, state, time(atMs), String(deliveries)],
    ...[runId, stage],
  ]);
  process.stdout.write(
    table(["message", "state", "at", "deliveries", "run", "stage"], rows, `nothing waits in ${name}`),
  );
}

async function dead(queue: string, { data, json }: Options): Promise<void> {
  const path = `/admin/v1/dead-letters/${encodeURIComponent(queue)}`;
  const { deadLetters } = await callAdmin<DeadLetterPage>(adminTarget(data), "GET", path);
  if (json) return printJson(deadLetters);
  const rows = deadLetters.map(({ messageId, diedAtMs, reason }) => [messageId, time(diedAtMs), reason]);
  process.stdout.write(table(["id", "died", "reason"], rows, `queue ${queue} has no dead letters`));
}

interface ChangeOptions extends Options {
  readonly reason: string;
  readonly author?: string;
}

async function discard(queue: string, messageIds: readonly string[], options: ChangeOptions): Promise<void> {
  const { data, json, reason, author = defaultAuthor() } = options;
  const path = `/admin/v1/dead-letters/${encodeURIComponent(queue)}/discard`;
  const body = { author, reason, messageIds };
  const answer = await callAdmin<{ discarded: number }>(adminTarget(data), "POST", path, body);
  if (json) printJson(answer);
  else process.stdout.write(`${answer.discarded} removed from the dead letters of ${queue}\n`);
}

async function replay(queue: string, ids: readonly string[], options: ChangeOptions): Promise<void> {
  const { data, json, reason, author = defaultAuthor() } = options;
  const path = `/admin/v1/dead-letters/${encodeURIComponent(queue)}/replay`;
  const answer = await callAdmin<{ replayed: number }>(adminTarget(data), "POST", path, {
    author,
    reason,
    ...(ids.length === 0 ? {} : { messageIds: ids }),
  });
  if (json) printJson(answer);
  else process.stdout.write(`${answer.replayed} put back into ${queue}\n`);
}
