/**
 * The outbox port: publications that were committed with the rows that caused them and that the broker has not
 * confirmed yet, and delayed ones, which wait here for their time. Also the count of deliveries that ended with a
 * dead process, which no broker keeps exactly.
 */
import type { OutgoingMessage } from "./bus.js";
import type { Publication } from "./broker.js";

/** `delayMs` counts from the commit; the ones without delay are this process's to send, at once. */
export interface Outgoing {
  readonly message: OutgoingMessage;
  readonly publicationId: string;
  readonly deliveryCount: number;
}

export interface Outbox {
  /** Durable when it resolves. Those without delay are not handed to anybody: the caller sends them. */
  add(outgoing: readonly Outgoing[]): Promise<void>;
  /** The broker has them. Unknown ids are ignored. */
  confirmed(publicationIds: readonly string[]): Promise<void>;
  /**
   * Takes what is due for this process: delayed publications whose time has come, and what dead processes left
   * behind. High priority first, oldest first.
   */
  takeDue(limit: number): Promise<readonly TakenPublication[]>;
  /** Not confirmed yet, delayed ones apart, per queue; and how many wait for their time. */
  depths(): Promise<readonly { readonly queue: string; readonly unsent: number; readonly delayed: number }[]>;
  /** A redelivered message begins: counts it and says how many such beginnings there were, this one included. */
  suspect(messageId: string): Promise<number>;
  /** Suspects that were settled. */
  cleared(messageIds: readonly string[]): Promise<void>;
}

export interface TakenPublication {
  readonly publication: Publication;
  readonly priority: "normal" | "high";
}
