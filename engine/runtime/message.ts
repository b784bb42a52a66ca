/** The bodies of engine messages. They carry everything a worker needs: nothing is read before a step. */
import type { TopicEvent } from "../atom.js";
import type { Plan } from "../compiler/plan.js";
import { type Problem, ValenceError } from "../errors.js";
import { deriveTimedId, isId } from "../ids.js";
import type { Delivery, OutgoingMessage } from "../ports/bus.js";
import type { Row } from "../ports/store.js";

/** Type `run`: enter `stage` of a run as its `hop`-th stage entry. */
export interface RunBody {
  readonly runId: string;
  readonly flow: string;
  readonly planHash: string;
  readonly type: string;
  readonly stage: string;
  /** Counts stage entries from 0; part of the journal key. */
  readonly hop: number;
  readonly acceptedAtMs: number;
  readonly fields: Row;
  /** Entries so far per stage that has a bound. */
  readonly entries: Readonly<Record<string, number>>;
  /** Signals given to the run and dealt with: fewer than were given means that a wait has to look for the others. */
  readonly signalsSeen: number;
  /** Set by the sweep: somebody may have worked on this hop before. */
  readonly republished?: boolean;
}

/** Type `signal`: something happened that a waiting run may take. */
export interface SignalBody {
  readonly signalId: string;
  readonly runId: string;
  readonly signal: string;
  readonly fields: Row;
  /** Timers only: the hop of the wait; a later wait of the same run is not theirs. */
  readonly hop?: number;
  /** What is announced when the run is over by then. */
  readonly otherwise?: TopicEvent;
}

type Kind = "id" | "string" | "count" | "object" | "count?" | "object?";
type Shape = readonly (readonly [name: string, kind: Kind])[];

const runShape: Shape = Object.entries({
  runId: "id",
  flow: "string",
  planHash: "string",
  type: "string",
  stage: "string",
  hop: "count",
  ...{ acceptedAtMs: "count", fields: "object", entries: "object", signalsSeen: "count" },
} as const);
const signalShape: Shape = Object.entries({
  signalId: "id",
  runId: "id",
  signal: "string",
  fields: "object",
  hop: "count?",
  otherwise: "object?",
} as const);

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fits: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  id: (value) => typeof value === "string" && isId(value),
  string: (value) => typeof value === "string",
  count: isCount,
  "count?": (value) => value === undefined || isCount(value),
  object: isObject,
  "object?": (value) => value === undefined || isObject(value),
};

/** What arrives has left this process, and perhaps this build: it is looked at before it is believed. */
function shaped<T>({ body, type }: Pick<Delivery, "body" | "type">, shape: Shape): T {
  for (const [name, kind] of shape) {
    if (!fits[kind](body[name]))
      throw new ValenceError("message_malformed", `a message of type ${type} has no ${name}`);
  }
  return body as T;
}

/** @throws ValenceError `message_malformed` */
export const runBodyOf = (delivery: Pick<Delivery, "body" | "type">): RunBody =>
  shaped<RunBody>(delivery, runShape);

/** @throws ValenceError `message_malformed` */
export const signalBodyOf = (delivery: Pick<Delivery, "body" | "type">): SignalBody =>
  shaped<SignalBody>(delivery, signalShape);

export const signalQueue = "flow.signal";

/** Broadcast topic on which the bridge instance `instance` hears replies. */
export const replyTopic = (instance: string): string => `reply.${instance}`;

/** What travels on a reply topic. */
export interface ReplyPayload {
  readonly correlationId: string;
  readonly problem?: Problem;
  readonly fields: Row;
}

/** Deterministic: a sweep that re-publishes a silent run uses the same id again, so a duplicate is recognised. */
export const runMessageId = (runId: string, hop: number): string => deriveTimedId(runId, `hop:${hop}`);

/** Replaces `{field}` in a queue template; the compiler has proved that the field is there. */
export const resolveQueue = (template: string, fields: Row): string =>
  template.replace(/\{([^}]+)\}/g, (_, field: string) => String(fields[field]));

export function runMessage(
  queueTemplate: string,
  body: RunBody,
  options: Partial<
    Pick<OutgoingMessage, "replyTo" | "correlationId" | "priority" | "delayMs" | "expiresInMs" | "claim">
  >,
): OutgoingMessage {
  return {
    messageId: runMessageId(body.runId, body.hop),
    queue: resolveQueue(queueTemplate, body.fields),
    type: "run",
    body: body as unknown as Row,
    ...options,
  };
}

/**
 * The first message of a run of `plan`.
 * @throws ValenceError `plan_unknown` when the plan does not begin with a transaction, which the compiler rules out.
 */
export function startMessage(
  plan: Plan,
  run: Pick<RunBody, "runId" | "type" | "acceptedAtMs" | "fields">,
  options: Parameters<typeof runMessage>[2],
): OutgoingMessage {
  const start = plan.stages[plan.start];
  if (start?.kind !== "transaction") {
    throw new ValenceError("plan_unknown", `flow ${plan.flow} does not start with a transaction`);
  }
  const body: RunBody = {
    flow: plan.flow,
    planHash: plan.hash,
    stage: plan.start,
    hop: 0,
    // The start is an entry like any other.
    entries: start.entriesMax === undefined ? {} : { [plan.start]: 1 },
    signalsSeen: 0,
    ...run,
  };
  return runMessage(start.queue, body, options);
}
