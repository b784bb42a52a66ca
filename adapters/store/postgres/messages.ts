/** Messages as rows: of `bus.messages`, and of `bus.outbox` for a broker beside the database. */
import { limits } from "../../../engine/limits.js";
import type { Outgoing, OutgoingMessage } from "../../../engine/ports/bus.js";
import type { Row } from "../../../engine/ports/store.js";
import type { Sql } from "./database.js";
import { encoded, recordSet, wireColumns } from "./record-set.js";

export const messageColumns = wireColumns(
  ...["message_id uuid", "queue text", "priority smallint", "type text", "body json", "correlation_id text"],
  ...["reply_to text", "token uuid", "owner uuid", "delay_ms bigint", "expires_ms bigint"],
);

/** Inserts the messages of the record set whose parameters begin at `first`; a part of the commit statement, too. */
export const insertMessage = (first: number): string =>
  `insert into bus.messages (message_id, queue, priority, type, body, correlation_id, reply_to,
     delivery_count, lease_token, lease_owner, visible_at, expires_at)
   select message_id, queue, priority, type, body, correlation_id, reply_to,
     case when token is null then 0 else 1 end, token, owner,
     now() + delay_ms * interval '1 millisecond', now() + expires_ms * interval '1 millisecond'
   from ${recordSet(first, messageColumns)}
   order by message_id on conflict do nothing`;

/** With a `token` the message is born leased to `owner`. */
export const messageRow = (message: OutgoingMessage, token: string | undefined, owner: string): Row => ({
  message_id: message.messageId,
  queue: message.queue,
  priority: message.priority === "high" ? 1 : 0,
  type: message.type,
  body: message.body,
  correlation_id: message.correlationId,
  reply_to: message.replyTo,
  token,
  owner: token === undefined ? undefined : owner,
  delay_ms: token === undefined ? (message.delayMs ?? 0) : limits.leaseMs,
  expires_ms: message.expiresInMs,
});

/** Publishes outside a unit of work: the scheduler and the bridge's own retries. */
export async function insertMessages(
  sql: Sql,
  messages: readonly OutgoingMessage[],
  instance: string,
): Promise<void> {
  const rows = messages.map((message) => messageRow(message, undefined, instance));
  await sql.query(insertMessage(1), encoded(messageColumns, rows), "insert-messages");
}

/** Immediate ones belong to the process that commits them; delayed ones to whoever finds them due. */
export const outboxRow = ({ message, publicationId, deliveryCount }: Outgoing, owner: string): Row => ({
  publication_id: publicationId,
  message_id: message.messageId,
  queue: message.queue,
  priority: message.priority === "high" ? 1 : 0,
  type: message.type,
  body: message.body,
  correlation_id: message.correlationId,
  reply_to: message.replyTo,
  delivery_count: deliveryCount,
  owner: (message.delayMs ?? 0) > 0 ? undefined : owner,
  delay_ms: message.delayMs ?? 0,
  expires_ms: message.expiresInMs,
});

export const outboxColumns = wireColumns(
  ...["publication_id uuid", "message_id uuid", "queue text", "priority smallint", "type text", "body json"],
  ...["correlation_id text", "reply_to text", "delivery_count int", "owner uuid", "delay_ms bigint"],
  "expires_ms bigint",
);

/** Inserts the rows of the record set whose parameters begin at `first`; a part of the commit statement, too. */
export const insertOutbox = (first: number): string =>
  `insert into bus.outbox (publication_id, message_id, queue, priority, type, body, correlation_id, reply_to,
     delivery_count, owner, due_at, expires_at)
   select publication_id, message_id, queue, priority, type, body, correlation_id, reply_to, delivery_count, owner,
     now() + delay_ms * interval '1 millisecond', now() + expires_ms * interval '1 millisecond'
   from ${recordSet(first, outboxColumns)}
   order by publication_id on conflict do nothing`;
