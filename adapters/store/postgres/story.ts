/**
 * Reads what is kept about one order. Not on the hot path: a handful of indexed reads, and one look through the dead
 * letters, of which there are few or something is wrong anyway.
 */
import type { Plan } from "../../../engine/compiler/plan.js";
import { deriveId, isId, runDayOf } from "../../../engine/ids.js";
import type { Row, TableSpec } from "../../../engine/ports/store.js";
import type {
  OperatorAction,
  OrderStory,
  StoryCarrier,
  StoryDeadLetter,
  StoryTeller,
} from "../../../engine/ports/story.js";
import { runMessageId } from "../../../engine/runtime/message.js";
import { type StoryFacts, type StoryVocabulary, tellStory } from "../../../engine/runtime/story.js";
import type { Sql } from "./database.js";
import { qualified, snake, Tables, toWire } from "./tables.js";

export interface PostgresStoryOptions {
  readonly sql: Sql;
  readonly tables: readonly TableSpec[];
  readonly vocabulary: StoryVocabulary;
  nowMs(): number;
  /** Any plan ever activated. */
  plan(hash: string): Promise<Plan | undefined>;
}

type JournalRow = StoryFacts["journal"][number];

export class PostgresStory implements StoryTeller {
  readonly #tables: Tables;

  constructor(private readonly options: PostgresStoryOptions) {
    this.#tables = new Tables(options.tables);
  }

  async story(orderIdOrReference: string): Promise<OrderStory | undefined> {
    for (const orderId of await this.#candidates(orderIdOrReference)) {
      const facts = await this.#factsOf(orderId);
      if (facts.order || facts.runs.length > 0)
        return tellStory(facts, this.options.vocabulary, this.options.nowMs());
    }
    return undefined;
  }

  /** Ids are derived from the merchant's reference, so no index on it is needed, only the merchants. */
  async #candidates(text: string): Promise<readonly string[]> {
    if (isId(text)) return [text];
    const merchants = await this.options.sql.query<{ id: string }>(
      "select merchant_id as id from config.merchants",
    );
    const ids = merchants.map(({ id }) => deriveId("order", id, text));
    const found = await this.options.sql.query<{ id: string }>(
      `select order_id as id, max(created_at) as last_at from core.runs where order_id = any($1::uuid[])
       group by order_id order by last_at desc`,
      [ids],
    );
    return found.map(({ id }) => id);
  }

  async #factsOf(orderId: string): Promise<StoryFacts> {
    const [order] = await this.#rows("orders", "order_id = $1", [orderId]);
    const runs = await this.#rows("runs", "order_id = $1 order by created_at, run_id", [orderId]);
    const runIds = runs.map(({ runId }) => String(runId));
    const journal = await this.#journal(runIds);
    return {
      orderId,
      order,
      runs,
      journal,
      payments: await this.#rows("payments", "order_id = $1 order by attempt, created_at", [orderId]),
      refunds: await this.#rows("refunds", "order_id = $1 order by created_at, refund_id", [orderId]),
      notifications: await this.#rows("notifications", "order_id = $1 order by created_at", [orderId]),
      signals: await this.#rows("signals", "run_id = any($1::uuid[]) order by given_at", [runIds]),
      deadLetters: await this.#deadLetters(runIds),
      operatorActions: await this.#operatorActions(orderId),
      carriers: [...(await this.#messages(runs, journal)), ...(await this.#timers(runIds))],
      plans: await this.#plans(runs),
    };
  }

  #rows(table: string, where: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const spec = this.#tables.get(table);
    const columns = Object.entries(spec.columns).map(
      ([name, type]) => `${toWire(type, snake(name))} as "${name}"`,
    );
    return this.options.sql.query<Row>(
      `select ${columns.join(", ")} from ${qualified(spec)} where ${where}`,
      values,
    );
  }

  /** The days make the partitions; a run's day follows from its id. */
  #journal(runIds: readonly string[]): Promise<readonly JournalRow[]> {
    const days = [...new Set(runIds.map(runDayOf))];
    return this.options.sql.query<JournalRow>(
      `select run_day as "runDay", run_id as "runId", hop, point, step, kind, stage, outcome, data,
         (extract(epoch from at) * 1000)::bigint as "atMs"
       from core.journal where run_day = any($1::date[]) and run_id = any($2::uuid[]) and kind <> 'mark'
       order by run_id, hop, point`,
      [days, runIds],
    );
  }

  #deadLetters(runIds: readonly string[]): Promise<readonly StoryDeadLetter[]> {
    return this.options.sql.query<StoryDeadLetter>(
      `select message_id as "messageId", queue, body ->> 'runId' as "runId", reason, deliveries,
         (extract(epoch from died_at) * 1000)::bigint as "diedAtMs"
       from bus.dead_letters where body ->> 'runId' = any($1::text[]) order by died_at`,
      [runIds],
    );
  }

  #operatorActions(orderId: string): Promise<readonly OperatorAction[]> {
    return this.options.sql.query<OperatorAction>(
      `select action_id as "actionId", action, who as author, reason, input, answer,
         (extract(epoch from at) * 1000)::bigint as "atMs"
       from core.operator_actions where order_id = $1 order by at, action_id`,
      [orderId],
    );
  }

  /** The message of an open run has an id that follows from the hop: the one that is under way, or the next. */
  async #messages(runs: readonly Row[], journal: readonly JournalRow[]): Promise<StoryFacts["carriers"]> {
    const owners = new Map<string, string>();
    for (const run of runs.filter(({ state }) => state === "open")) {
      const runId = String(run["runId"]);
      const hops = journal.filter((entry) => entry.runId === runId).map(({ hop }) => hop);
      const last = Math.max(Number(run["hop"]), ...hops);
      for (const hop of [last, last + 1]) owners.set(runMessageId(runId, hop), runId);
    }
    if (owners.size === 0) return [];
    const rows = await this.options.sql.query<StoryCarrier & { messageId: string }>(
      `select message_id as "messageId", 'message' as kind, queue, delivery_count as deliveries,
         case when lease_token is not null then 'leased' when visible_at > now() then 'delayed' else 'ready' end as state,
         (extract(epoch from visible_at) * 1000)::bigint as "atMs"
       from bus.messages where message_id = any($1::uuid[])`,
      [[...owners.keys()]],
    );
    return rows.map(({ messageId, ...carrier }) => ({ runId: owners.get(messageId) ?? "", carrier }));
  }

  async #timers(runIds: readonly string[]): Promise<StoryFacts["carriers"]> {
    const rows = await this.options.sql.query<{ runId: string; signal: string; dueAtMs: number }>(
      `select run_id as "runId", signal, (extract(epoch from due_at) * 1000)::bigint as "dueAtMs"
       from core.timers where run_id = any($1::uuid[]) order by due_at`,
      [runIds],
    );
    return rows.map(({ runId, signal, dueAtMs }) => ({ runId, carrier: { kind: "timer", signal, dueAtMs } }));
  }

  async #plans(runs: readonly Row[]): Promise<ReadonlyMap<string, Plan>> {
    const plans = new Map<string, Plan>();
    for (const hash of new Set(runs.map(({ planHash }) => String(planHash)))) {
      const plan = await this.options.plan(hash);
      if (plan) plans.set(hash, plan);
    }
    return plans;
  }
}
