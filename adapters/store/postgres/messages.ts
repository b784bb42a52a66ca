/** Messages as rows of `bus.messages`. */
import { limits } from "../../../engine/limits.js";
import type { OutgoingMessage } from "../../../engine/ports/bus.js";
import type { Row } from "../../../engine/ports/store.js";
import type { Sql } from "./database.js";

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
  await sql.query(
    `insert into bus.messages (message_id, queue, priority, type, body, correlation_id, reply_to, visible_at, expires_at)
     select message_id, queue, priority, type, body, correlation_id, reply_to,
       now() + delay_ms * interval '1 millisecond', now() + expires_ms * interval '1 millisecond'
     from json_to_recordset($1::json) as r(message_id uuid, queue text, priority smallint, type text, body jsonb,
       correlation_id text, reply_to text, delay_ms bigint, expires_ms bigint)
     order by message_id on conflict do nothing`,
    [JSON.stringify(messages.map((message) => messageRow(message, undefined, instance)))],
  );
}
