/** What the admin API serves about queues and dead letters. */
import type {
  Author,
  Browsed,
  DeadLetter,
  LetterOrder,
  LetterRun,
  ModuleState,
  QueueDepth,
  Row,
} from "../../../engine/ports/index.js";

/** A module that serves a queue. */
export interface QueueServer {
  readonly module: string;
  readonly instance: string;
  readonly host: string;
  readonly state: ModuleState;
  /** It takes nothing from this queue now: a switch is closed, a breaker open. */
  readonly paused: boolean;
}

export interface QueueView extends QueueDepth {
  /** How long the oldest message has been ready; on a broker that keeps no ages: since when some were seen waiting. */
  readonly oldestMs: number;
  /** Nobody: what comes here waits until a module that serves it starts. */
  readonly servedBy: readonly QueueServer[];
}

export interface WaitingMessage extends Omit<Browsed, "body" | "queue"> {
  /** Of the run it carries or is for, where it says so. */
  readonly runId?: string;
  readonly stage?: string;
}

/** A dead letter without the fields it carries. */
export interface DeadLetterView extends Omit<DeadLetter, "body"> {
  /** `run`, `signal`, or whatever the broken message said. */
  readonly type: string;
  /** How often it was delivered before it was given up. */
  readonly deliveries: number;
  /** What it says it was for; a message may be too broken to say it. */
  readonly runId?: string;
  readonly flow?: string;
  readonly stage?: string;
}

export interface DeadLetterQuery {
  /** Absent: of every queue. */
  readonly queue?: string;
  /** `next` of the page before. */
  readonly after?: string;
  readonly limit: number;
}

export interface DeadLetterPage {
  /** Oldest first. */
  readonly deadLetters: readonly DeadLetterView[];
  /** Where the next page begins; absent: this is the last one. */
  readonly next?: string;
}

/** One dead letter with all that is known about it. */
export interface DeadLetterStory extends DeadLetterView {
  /** As the dictionary allows to show it. */
  readonly body: Row;
  /** The run it belongs to, as its row stands now. */
  readonly run?: LetterRun;
  readonly order?: LetterOrder;
}

/** Those named, or all that had died by then: what died since the operator looked is not meant. */
export type DiscardChoice = { readonly messageIds: readonly string[] } | { readonly diedUntilMs: number };

export interface QueueServices {
  /** `empty`: also those that hold nothing and that a module serves by name. */
  queues(options: { readonly empty: boolean }): Promise<readonly QueueView[]>;
  /** What waits in a queue, without the fields it carries. */
  browse(queue: string): Promise<readonly WaitingMessage[]>;
  /** @throws ValenceError `field_invalid` when `after` is nothing a page ever said */
  deadLetters(query: DeadLetterQuery): Promise<DeadLetterPage>;
  /** @throws ValenceError `not_found` */
  deadLetter(queue: string, messageId: string): Promise<DeadLetterStory>;
  /** Puts dead letters back as if new. One that is gone already is not counted: asking twice replays once. */
  replay(queue: string, messageIds: readonly string[] | undefined, by: Author): Promise<number>;
  /** Removes dead letters for good; the runs they parked stay parked. Returns how many there were. */
  discard(queue: string, choice: DiscardChoice, by: Author): Promise<number>;
}
