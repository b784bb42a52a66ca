/**
 * The outbox port: publications that were committed with the rows that caused them and that the broker has not
 * confirmed yet, and delayed ones, which wait here for their time. Also the count of deliveries that ended with a
 * dead process, which no broker keeps exactly.
 */
import type { Browsed, DeadLetter, Outgoing } from "./bus.js";
import type { Publication } from "./broker.js";

export interface Outbox {
  /**
   * Durable when it resolves; a delay counts from then. Those without one are this process's: the caller sends them.
   */
  add(outgoing: readonly Outgoing[]): Promise<void>;
  /** The broker has them. Unknown ids are ignored. */
  confirmed(publicationIds: readonly string[]): Promise<void>;
  /**
   * Takes what is due for this process: delayed publications whose time has come, what dead processes left behind,
   * and, when `knownOwn` is given, its own that it does not know it has (a commit whose outcome was lost on the way).
   * Oldest first.
   */
  takeDue(limit: number, knownOwn?: (publicationId: string) => boolean): Promise<readonly TakenPublication[]>;
  /** Not confirmed yet, delayed ones apart, per queue; and how many wait for their time. */
  depths(): Promise<readonly { readonly queue: string; readonly unsent: number; readonly delayed: number }[]>;
  /** What waits for a queue in the outbox, and what the journal says was sent to it and has not moved since. */
  browse(queue: string, limit: number): Promise<readonly Browsed[]>;
  /** How often work on this message began again after a delivery that ended without an answer. */
  suspicion(messageId: string): Promise<number>;
  /** Such work begins now: counted before it does, so that the one that kills its process is counted, too. */
  suspect(messageId: string): Promise<void>;
  /** Suspects that were settled. */
  cleared(messageIds: readonly string[]): Promise<void>;
  /** Makes the names of queues known to every process. */
  use(queues: readonly string[]): Promise<void>;
  /** Every queue that was ever used, by name. */
  queues(): Promise<readonly string[]>;
}

export interface TakenPublication {
  readonly publication: Publication;
  readonly priority: "normal" | "high";
}

/** Dead letters of a bus that keeps none itself. */
export interface DeadLetterBox {
  list(queue: string, limit: number): Promise<readonly DeadLetter[]>;
  /** Puts them into the outbox, due at once. */
  replay(queue: string, messageIds?: readonly string[]): Promise<number>;
  discard(messageIds: readonly string[]): Promise<number>;
  counts(): Promise<readonly { readonly queue: string; readonly dead: number }[]>;
}
