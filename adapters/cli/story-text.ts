/** The story of an order for the person who is asked about it. */
import { formatMinor } from "../../engine/money.js";
import type {
  OrderStory,
  PossibleAction,
  StoryCarrier,
  StoryEvent,
  StoryPayment,
  StoryRefund,
  StoryRun,
  StoryStage,
  StoryStep,
} from "../../engine/ports/story.js";
import { duration, time } from "./print.js";

export function storyText(story: OrderStory): string {
  return `${[
    ...headOf(story),
    ...section("payments", story.payments.flatMap(paymentLines)),
    ...section("refunds", story.refunds.flatMap(refundLines)),
    ...section("runs", story.runs.flatMap(runLines)),
    ...section(
      "notifications",
      story.notifications.map(({ event, url, status, attempts, answerStatus, answerDetail }) => {
        const answer =
          answerStatus === undefined ? "" : `, last answer ${answerStatus} ${quoted(answerDetail)}`;
        return `  ${event} to ${url}: ${status} after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}${answer}`;
      }),
    ),
    ...section(
      "dead letters",
      story.deadLetters.map(
        ({ messageId, queue, reason, deliveries }) =>
          `  ${messageId} of queue ${queue} after ${deliveries} deliveries: ${reason}`,
      ),
    ),
    ...section("actions", story.actions.map(actionLine)),
    ...section("timeline (since the order was accepted)", story.timeline.flatMap(eventLines)),
  ].join("\n")}\n`;
}

function actionLine({ action, possible, why, target }: PossibleAction): string {
  const about = target === undefined ? "" : ` ${target}`;
  return `  ${possible ? "can" : "not"}  ${action}${about}: ${why}`;
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", title, ...lines];

/** Who paid what, the state, and why it is that. */
function headOf({ orderId, order, because }: OrderStory): readonly string[] {
  if (!order) return [`order ${orderId}`, `  not logged: ${because}`];
  const { fields, status, amountMinor, currency, refundedMinor, createdAtMs, updatedAtMs } = order;
  const { merchantId, merchantOrderId, type, subject, channel, channelOrderId } = fields;
  return [
    `order ${orderId}`,
    `  ${status}: ${because}`,
    `  amount     ${formatMinor(amountMinor, currency)} (${amountMinor} minor units)`,
    ...(refundedMinor > 0 ? [`  refunded   ${formatMinor(refundedMinor, currency)}`] : []),
    `  merchant   ${String(merchantId)}, their number ${String(merchantOrderId)}`,
    `  type       ${String(type)}${subject === undefined ? "" : `, ${quoted(String(subject))}`}`,
    ...(channel === undefined
      ? []
      : [
          `  channel    ${String(channel)}${channelOrderId === undefined ? "" : `, its number ${String(channelOrderId)}`}`,
        ]),
    `  created    ${time(createdAtMs)}`,
    `  changed    ${time(updatedAtMs)}`,
  ];
}

function paymentLines(payment: StoryPayment): readonly string[] {
  const { attempt, channel, channelOrderId, routeRule, status, evidence, amountMinor, currency, paymentId } =
    payment;
  const theirs = channelOrderId === undefined ? "" : ` as ${channelOrderId}`;
  const rule = routeRule === undefined ? "" : `, chosen by rule ${quoted(routeRule)}`;
  return [
    `  attempt ${attempt}: ${status}, ${formatMinor(amountMinor, currency)} through ${channel}${theirs}${rule}`,
    `    payment ${paymentId}`,
    ...(evidence ? [`    evidence ${JSON.stringify(evidence)}`] : []),
  ];
}

function refundLines(refund: StoryRefund): readonly string[] {
  const { merchantRefundId, status, amountMinor, currency, channel, channelRefundId } = refund;
  const { refundId, paymentId, reason, evidence, error } = refund;
  const theirs = channelRefundId === undefined ? "" : ` as ${channelRefundId}`;
  const why = reason === undefined ? "" : `, ${quoted(reason)}`;
  return [
    `  ${merchantRefundId}: ${status}, ${formatMinor(amountMinor, currency)} through ${channel}${theirs}${why}`,
    `    refund ${refundId} of payment ${paymentId}`,
    ...(error ? [`    ${error.code}: ${error.detail}`] : []),
    ...(evidence ? [`    evidence ${JSON.stringify(evidence)}`] : []),
  ];
}

function runLines({
  runId,
  flow,
  title,
  state,
  stage,
  reason,
  problem,
  carriedBy,
  mayGoOnIn = [],
}: StoryRun): readonly string[] {
  const why = reason === "" ? "" : ` (${reason})`;
  return [
    `  ${flow} ${runId}: ${state}${why}, stage ${stage}${title === undefined ? "" : `; ${title}`}`,
    ...(problem ? [`    ${problem.code}: ${problem.detail}`] : []),
    ...carriedBy.map((carrier) => `    ${carrierText(carrier)}`),
    ...(mayGoOnIn.length === 0 ? [] : [`    may go on in ${mayGoOnIn.map(stageText).join(", ")}`]),
  ];
}

/** Where money would move, and what a person has to say there, stands beside the stage's name. */
function stageText({ stage, sends, decisions }: StoryStage): string {
  const notes = [
    ...(sends ? ["sends"] : []),
    ...Object.keys(decisions).map((field) => `--decide ${field}=…`),
  ];
  return notes.length === 0 ? stage : `${stage} (${notes.join("; ")})`;
}

function carrierText(carrier: StoryCarrier): string {
  if (carrier.kind === "timer") return `timer ${carrier.signal} at ${time(carrier.dueAtMs)}`;
  const { queue, state, deliveries, atMs } = carrier;
  const since = state === "ready" ? "since" : "until";
  return `message in queue ${queue}, ${state} ${since} ${time(atMs)}, ${deliveries} deliveries`;
}

function eventLines(event: StoryEvent): readonly string[] {
  const { offsetMs, flow, stage, name, outcome, next, queueWaitMs } = event;
  const at = `  ${`+${Math.round(offsetMs)} ms`.padEnd(11)}`;
  const where = `${flow}/${stage ?? ""}`;
  const steps = event.steps.flatMap(stepLines);
  switch (event.kind) {
    case "accepted":
      return [`${at} run of flow ${flow} accepted, type ${name}`];
    case "intent":
      return [`${at} ${where}: intent durable, the call may begin`, ...steps];
    case "barrier":
      return [`${at} ${where}: durable so far`, ...steps];
    case "signal":
      return [`${at} signal ${name} for flow ${flow}: ${outcome}`];
    case "dead-letter":
      return [`${at} message of queue ${name} given up: ${outcome}`];
    case "operator":
      return [`${at} ${event.by?.author} asked for ${name}: ${quoted(event.by?.reason)}`];
    case "transaction": {
      const waited = queueWaitMs === undefined ? "" : `, queue wait ${duration(queueWaitMs)}`;
      return [`${at} ${where}: ${name ?? "wait"} -> ${outcome}, next ${next}${waited}`, ...steps];
    }
  }
}

function stepLines({ atom, outcome, elapsedMs, inquired, trace }: StoryStep): readonly string[] {
  const asked = inquired ? " (asked, not repeated)" : "";
  return [
    `${" ".repeat(14)} ${atom} ${outcome}, ${elapsedMs.toFixed(1)} ms${asked}`,
    ...Object.entries(trace ?? {}).map(([key, value]) => `${" ".repeat(18)} ${key} ${JSON.stringify(value)}`),
  ];
}

const quoted = (text: string | undefined): string => (text === undefined ? "" : JSON.stringify(text));
