/** Queues and dead letters. Times are epoch milliseconds of the server. */
import type { ChangedBy } from "../shared/ReasonDialog";
import { get, post, segment } from "./client";

export interface QueueServer {
  readonly module: string;
  readonly instance: string;
  readonly host: string;
  readonly state: "live" | "idle" | "stuck" | "lost";
  readonly paused: boolean;
}

export interface Queue {
  readonly queue: string;
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
  /** How long the oldest ready message has been waiting. */
  readonly oldestMs: number;
  readonly servedBy: readonly QueueServer[];
}

export interface WaitingMessage {
  readonly messageId: string;
  readonly type: string;
  readonly state: "ready" | "delayed" | "leased" | "unsent" | "journal";
  readonly deliveries: number;
  readonly atMs: number;
  readonly runId?: string;
  readonly stage?: string;
}

export interface DeadLetter {
  readonly messageId: string;
  readonly queue: string;
  readonly type: string;
  readonly reason: string;
  readonly deliveries: number;
  readonly diedAtMs: number;
  readonly runId?: string;
  readonly flow?: string;
  readonly stage?: string;
}

export interface DeadLetterPage {
  /** Oldest first. */
  readonly deadLetters: readonly DeadLetter[];
  /** Where the next page begins. */
  readonly next?: string;
}

export interface DeadLetterStory extends DeadLetter {
  /** Masked by the data dictionary. */
  readonly body: unknown;
  readonly run?: {
    readonly runId: string;
    readonly flow: string;
    readonly type: string;
    readonly state: string;
    readonly stage: string;
    readonly reason: string;
  };
  readonly order?: {
    readonly orderId: string;
    readonly merchantId: string;
    readonly merchantOrderId: string;
    readonly status: string;
    readonly amount: number;
    readonly currency: string;
  };
}

/** Those named, or all that had died by then. */
export type DiscardChoice =
  | { readonly messageIds: readonly string[] }
  /** `confirm`: the name of the queue, as the person typed it. */
  | { readonly confirm: string; readonly diedUntilMs: number };

/** Those that hold nothing are among them. */
export const listQueues = async (signal: AbortSignal): Promise<readonly Queue[]> =>
  (await get<{ queues: readonly Queue[] }>("/queues", { query: { empty: "yes" }, signal })).queues;

/** The first ones; nothing is taken. */
export const browseQueue = async (queue: string, signal: AbortSignal): Promise<readonly WaitingMessage[]> =>
  (await get<{ messages: readonly WaitingMessage[] }>(`/queues/${segment(queue)}/messages`, { signal }))
    .messages;

export const deadLetters = (
  queue: string,
  after: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<DeadLetterPage> =>
  get<DeadLetterPage>(`/dead-letters/${segment(queue)}`, { query: { after, limit }, signal });

export const deadLetter = (queue: string, messageId: string, signal: AbortSignal): Promise<DeadLetterStory> =>
  get<DeadLetterStory>(`/dead-letters/${segment(queue)}/${segment(messageId)}`, { signal });

/** `messageIds` undefined: all of the queue. Those that are gone already are not counted. */
export const replayLetters = (
  queue: string,
  messageIds: readonly string[] | undefined,
  by: ChangedBy,
): Promise<{ replayed: number }> =>
  post<{ replayed: number }>(`/dead-letters/${segment(queue)}/replay`, {
    ...(messageIds === undefined ? {} : { messageIds }),
    ...by,
  });

export const discardLetters = (
  queue: string,
  choice: DiscardChoice,
  by: ChangedBy,
): Promise<{ discarded: number }> =>
  post<{ discarded: number }>(`/dead-letters/${segment(queue)}/discard`, { ...choice, ...by });
