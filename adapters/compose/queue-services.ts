/** What the admin API serves about queues and dead letters, on this process's kernel. */
import { vocabulary } from "../../atoms/index.js";
import { ValenceError } from "../../engine/errors.js";
import type { Author, Browsed, ModuleView, QueueDepth, Row } from "../../engine/ports/index.js";
import { covers } from "../../engine/registry/served.js";
import { maskMessage } from "../../engine/runtime/message-view.js";
import type {
  DeadLetterStory,
  DeadLetterView,
  QueueServer,
  QueueServices,
  QueueView,
  WaitingMessage,
} from "../http/admin/queue-services.js";
import { discard, discardUntil } from "../store/postgres/dead-letters.js";
import { letterDetail, letterPage, type LetterRow } from "../store/postgres/dead-letters-view.js";
import type { Kernel } from "./kernel.js";
import type { SystemLook, SystemView } from "./system-view.js";

/** Waiting messages shown at a time. */
const browsedMax = 200;

export interface QueueDeps {
  readonly kernel: Kernel;
  readonly view: SystemView;
  /** Writes down what somebody is about to do. */
  audit(action: string, subject: string, after: Row, by: Author): Promise<void>;
}

export function queueServices({ kernel, view, audit }: QueueDeps): QueueServices {
  const { bus, database, telemetry } = kernel;
  return {
    queues: async ({ empty }) => queueViews(await view.look(), empty ? plannedQueues(kernel) : undefined),
    browse: async (queue) => (await bus.browse(queue, browsedMax)).map(waitingMessage),
    deadLetters: async (query) => {
      const { rows, next } = await letterPage(database.pool, query);
      return { deadLetters: rows.map(letterView), ...(next === undefined ? {} : { next }) };
    },
    deadLetter: (queue, messageId) => story(kernel, queue, messageId),
    replay: async (queue, messageIds, by) => {
      // The audit comes first: a replay that was written down and not done is better than the reverse.
      await audit("dead-letters.replay", `queue ${queue}`, { messageIds: messageIds ?? "all" }, by);
      const count = await bus.replay(queue, messageIds);
      view.forget();
      telemetry.log("info", { event: "dead-letters.replayed", queue, count, ...by });
      return count;
    },
    discard: async (queue, choice, by) => {
      await audit("dead-letters.discard", `queue ${queue}`, { ...choice }, by);
      const count =
        "messageIds" in choice
          ? await discard(database.pool, choice.messageIds, queue)
          : await discardUntil(database.pool, queue, choice.diedUntilMs);
      view.forget();
      telemetry.log("info", { event: "dead-letters.discarded", queue, count, ...by });
      return count;
    },
  };
}

const nothing: Omit<QueueDepth, "queue"> = { ready: 0, delayed: 0, leased: 0, dead: 0, oldestReadyMs: 0 };

/** Those the plans in force name as they are. */
const plannedQueues = ({ catalogue }: Kernel): readonly string[] =>
  catalogue
    .plans()
    .flatMap(({ stages }) => Object.values(stages))
    .flatMap((stage) => (stage.kind === "transaction" && !stage.queue.includes("{") ? [stage.queue] : []));

/** `planned`: shown even when empty, like those modules serve by name; undefined: empty queues are left out. */
function queueViews(
  { modules, queues, waiting }: SystemLook,
  planned: readonly string[] | undefined,
): readonly QueueView[] {
  const held = new Set(queues.map(({ queue }) => queue));
  const served = modules.flatMap((module) => module.queues.filter((queue) => !queue.includes("*")));
  const idle =
    planned === undefined ? [] : [...new Set([...planned, ...served])].filter((queue) => !held.has(queue));
  return [...queues, ...idle.map((queue) => ({ queue, ...nothing }))]
    .sort((a, b) => (a.queue < b.queue ? -1 : 1))
    .map((depth) => ({
      ...depth,
      oldestMs: waiting.find(({ queue }) => queue === depth.queue)?.oldestMs ?? 0,
      servedBy: serversOf(depth.queue, modules),
    }));
}

const serversOf = (queue: string, modules: readonly ModuleView[]): readonly QueueServer[] =>
  modules
    .filter(({ queues }) => queues.some((served) => covers(served, queue)))
    .map(({ module, instance, host, state, paused }) => ({
      ...{ module, instance, host, state },
      paused: paused.includes(queue),
    }));

/** Fields belong to payer and merchant: what waits is told without them. */
function waitingMessage({ body, queue: _queue, ...message }: Browsed): WaitingMessage {
  const { runId, stage } = body;
  return {
    ...message,
    ...(typeof runId === "string" ? { runId } : {}),
    ...(typeof stage === "string" ? { stage } : {}),
  };
}

function letterView({ runId, flow, stage, ...letter }: LetterRow): DeadLetterView {
  return {
    ...letter,
    ...(runId === null ? {} : { runId }),
    ...(flow === null ? {} : { flow }),
    ...(stage === null ? {} : { stage }),
  };
}

async function story({ database }: Kernel, queue: string, messageId: string): Promise<DeadLetterStory> {
  const found = await letterDetail(database.pool, queue, messageId);
  if (!found)
    throw new ValenceError(
      "not_found",
      `${queue} has no dead letter ${messageId}: it was replayed or discarded`,
    );
  const { body, ...letter } = found.letter;
  return {
    ...letterView(letter),
    body: maskMessage(vocabulary.dictionary, body),
    ...(found.run ? { run: found.run } : {}),
    ...(found.order ? { order: found.order } : {}),
  };
}
