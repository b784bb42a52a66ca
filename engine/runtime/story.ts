/** Tells one order from the rows that are kept about it. Pure; what is sensitive is masked by the dictionary. */
import type { Plan } from "../compiler/plan.js";
import type { Vocabulary } from "../compiler/vocabulary.js";
import { type Dictionary, maskFields } from "../dictionary.js";
import type { Problem } from "../errors.js";
import type { Row, StoredJournalEntry } from "../ports/store.js";
import type {
  OperatorAction,
  OrderStory,
  StoryCarrier,
  StoryDeadLetter,
  StoryEvent,
  StoryNotification,
  StoryOrder,
  StoryPayment,
  StoryRefund,
  StoryRun,
} from "../ports/story.js";
import type { StepTrace } from "./resume.js";
import { possibleActions } from "./story-actions.js";
import { asksNext, stagesToGoOnIn } from "./story-stages.js";
import { whyItStandsThere } from "./story-reason.js";

/** Rows as the store gives them: camelCase, times in epoch milliseconds. */
export interface StoryFacts {
  readonly orderId: string;
  readonly order: Row | undefined;
  readonly payments: readonly Row[];
  readonly refunds: readonly Row[];
  /** Oldest first; the first one is the order's own, later ones follow from it. */
  readonly runs: readonly Row[];
  readonly journal: readonly Omit<StoredJournalEntry, "owner" | "sendWindowMs">[];
  readonly signals: readonly Row[];
  readonly notifications: readonly Row[];
  readonly deadLetters: readonly StoryDeadLetter[];
  /** Oldest first. */
  readonly operatorActions: readonly OperatorAction[];
  readonly carriers: readonly { readonly runId: string; readonly carrier: StoryCarrier }[];
  /** By hash. */
  readonly plans: ReadonlyMap<string, Plan>;
}

/** What the story says of atoms and fields, it has from here. */
export type StoryVocabulary = Pick<Vocabulary, "dictionary" | "atoms">;

export function tellStory(facts: StoryFacts, vocabulary: StoryVocabulary, nowMs: number): OrderStory {
  const { dictionary } = vocabulary;
  const order = facts.order && storyOrder(facts.order, dictionary);
  const payments = facts.payments.map(storyPayment);
  const runs = facts.runs.map((row) => storyRun(row, facts, vocabulary));
  const told = {
    orderId: facts.orderId,
    ...(order ? { order } : {}),
    because: whyItStandsThere(order, payments, runs),
    payments,
    refunds: facts.refunds.map(storyRefund),
    runs,
    notifications: facts.notifications.map(storyNotification),
    deadLetters: facts.deadLetters,
    operatorActions: facts.operatorActions,
  };
  return { ...told, actions: possibleActions(told, nowMs), timeline: timelineOf(facts, dictionary) };
}

/** Members that are there: a row says null where there is nothing. */
function present<T extends object>(members: { readonly [K in keyof T]: unknown }): T {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null),
  ) as T;
}

/** Columns of `orders` that have a place of their own in the story. */
const placed = [
  "status",
  "amount",
  "currency",
  "refunded",
  "error",
  "paidBy",
  "createdAt",
  "updatedAt",
  "expiresAt",
];

function storyOrder(row: Row, dictionary: Dictionary): StoryOrder {
  const rest = Object.entries(row).filter(([name, value]) => !placed.includes(name) && value !== null);
  const { status, amount, currency, refunded, paidBy, error, createdAt, updatedAt } = row;
  return present<StoryOrder>({
    status,
    amountMinor: amount,
    currency,
    refundedMinor: refunded,
    paidBy,
    error,
    // Columns are named like the fields they keep; `runId` is ours and no secret.
    fields: maskFields(
      { ...dictionary, runId: { title: "Run", schema: { type: "string" } } },
      Object.fromEntries(rest),
    ),
    createdAtMs: createdAt,
    updatedAtMs: updatedAt,
  });
}

const storyPayment = ({
  amount,
  refundReserved,
  refunded,
  createdAt,
  updatedAt,
  orderId: _order,
  runId: _run,
  ...row
}: Row): StoryPayment =>
  present<StoryPayment>({
    ...(row as unknown as StoryPayment),
    amountMinor: amount,
    refundReservedMinor: refundReserved,
    refundedMinor: refunded,
    createdAtMs: createdAt,
    updatedAtMs: updatedAt,
  });

const storyRefund = (row: Row): StoryRefund => {
  const { refundId, merchantRefundId, paymentId, channel, channelRefundId, status } = row;
  const { amount, currency, reason, evidence, error, settledAt, createdAt, updatedAt } = row;
  return present<StoryRefund>({
    ...{ refundId, merchantRefundId, paymentId, channel, channelRefundId, status },
    ...{ amountMinor: amount, currency, reason, evidence, error },
    ...{ settledAtMs: settledAt, createdAtMs: createdAt, updatedAtMs: updatedAt },
  });
};

const storyNotification = (row: Row): StoryNotification => {
  const { notificationId, runId, event, url, status, attempts, answerStatus, answerDetail, updatedAt } = row;
  return present<StoryNotification>({
    notificationId,
    runId,
    event,
    url,
    status,
    attempts,
    answerStatus,
    answerDetail,
    updatedAtMs: updatedAt,
  });
};

function storyRun(row: Row, { carriers, plans, journal }: StoryFacts, vocabulary: StoryVocabulary): StoryRun {
  const { runId, flow, type, planHash, state, reason, createdAt, updatedAt } = row;
  const problem = row["problem"] as Problem | null;
  const plan = plans.get(String(planHash));
  // An open run moves from stage to stage without touching its row; the journal knows better.
  const stage =
    state === "open" ? (nextStage(journal, String(runId)) ?? String(row["stage"])) : String(row["stage"]);
  return present<StoryRun>({
    ...{ runId, flow, title: plan?.title, type, planHash, state, stage, reason, problem },
    carriedBy: carriers.filter((each) => each.runId === runId).map(({ carrier }) => carrier),
    asksNext: state === "waiting" && plan && asksNext(plan, stage, vocabulary.atoms) ? true : undefined,
    mayGoOnIn: state === "parked" && plan ? stagesToGoOnIn(plan, vocabulary) : undefined,
    createdAtMs: createdAt,
    updatedAtMs: updatedAt,
  });
}

function nextStage(journal: StoryFacts["journal"], runId: string): string | undefined {
  const last = journal.findLast((entry) => entry.runId === runId);
  const next = String(last?.data["next"] ?? "");
  return next.startsWith("stage:") ? next.slice("stage:".length) : last?.stage;
}

function timelineOf(facts: StoryFacts, dictionary: Dictionary): readonly StoryEvent[] {
  const flows = new Map(facts.runs.map((run) => [String(run["runId"]), String(run["flow"])]));
  const zeroMs = Math.min(...facts.runs.map(({ createdAt }) => Number(createdAt)));
  const at: At = (atMs, runId) => ({ atMs, offsetMs: atMs - zeroMs, runId, flow: flows.get(runId) ?? "" });
  const events = [
    ...facts.runs.map(({ runId, createdAt, type }): StoryEvent => ({
      kind: "accepted",
      ...at(Number(createdAt), String(runId)),
      name: String(type),
      ...nothingDone,
    })),
    ...facts.journal.map((entry, index) =>
      journalEvent(entry, facts.journal[index - 1], at, facts, dictionary),
    ),
    ...facts.signals.map(({ runId, givenAt, signal, state, fields }): StoryEvent => ({
      kind: "signal",
      ...at(Number(givenAt), String(runId)),
      name: String(signal),
      outcome: String(state),
      steps: [],
      fields: maskFields(dictionary, fields as Row),
    })),
    ...facts.deadLetters.map(({ runId, diedAtMs, reason, queue }): StoryEvent => ({
      kind: "dead-letter",
      ...at(diedAtMs, runId),
      name: queue,
      outcome: reason,
      ...nothingDone,
    })),
    ...facts.operatorActions.map((done): StoryEvent => ({
      kind: "operator",
      ...at(done.atMs, runOf(done, facts)),
      name: done.action,
      by: { author: done.author, reason: done.reason },
      ...nothingDone,
    })),
  ];
  // Stable: what happened in the same millisecond stays in the order of the journal.
  return events.sort((a, b) => a.atMs - b.atMs);
}

type At = (atMs: number, runId: string) => Pick<StoryEvent, "atMs" | "offsetMs" | "runId" | "flow">;
type JournalRow = StoryFacts["journal"][number];

const nothingDone = { steps: [], fields: {} } as const;

/** The run an action has started or moved; an order that is only looked at has its first one. */
const runOf = ({ answer }: OperatorAction, { runs }: StoryFacts): string =>
  String(answer["runId"] ?? runs[0]?.["runId"] ?? "");

function journalEvent(
  entry: JournalRow,
  before: JournalRow | undefined,
  at: At,
  facts: StoryFacts,
  dictionary: Dictionary,
): StoryEvent {
  const sameRun = before?.runId === entry.runId;
  const all = stepsOf(entry);
  // Every durable point repeats the steps before it.
  const steps = sameRun && before.hop === entry.hop ? all.slice(stepsOf(before).length) : all;
  const { queueWaitMs, next, fields, wait } = entry.data;
  const workedMs = Math.round(steps.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) * 1000) / 1000;
  return present<StoryEvent>({
    kind: entry.kind === "end" ? "transaction" : entry.kind,
    ...at(entry.atMs, entry.runId),
    stage: entry.stage,
    // A wait has no transaction; its entry says in words what it waited for.
    name: transactionOf(facts, entry.runId, entry.stage) ?? wait,
    hop: entry.hop,
    queueWaitMs,
    tookMs: wait === undefined ? workedMs : sameRun ? entry.atMs - before.atMs : undefined,
    outcome: entry.outcome === "" ? undefined : entry.outcome,
    steps,
    next,
    fields: maskFields(dictionary, (fields ?? {}) as Row),
  });
}

const stepsOf = ({ data }: JournalRow): readonly StepTrace[] => (data["steps"] ?? []) as readonly StepTrace[];

function transactionOf({ runs, plans }: StoryFacts, runId: string, stage: string): string | undefined {
  const run = runs.find((each) => each["runId"] === runId);
  const found = plans.get(String(run?.["planHash"]))?.stages[stage];
  return found?.kind === "transaction" ? found.transaction : undefined;
}
