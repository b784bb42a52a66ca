/** Publications as AMQP messages: what AMQP has a property for travels there, the rest in `x-valence-` headers. */
import type { Message, Options } from "amqplib";
import type { Publication } from "../../../engine/ports/broker.js";

export const header = {
  publicationId: "x-valence-publication-id",
  deliveryCount: "x-valence-delivery-count",
  readyAtMs: "x-valence-ready-at-ms",
  expiresAtMs: "x-valence-expires-at-ms",
  /** On what was set aside: the queue it came from, and why. */
  queue: "x-valence-queue",
  reason: "x-valence-reason",
} as const;

export interface Encoded {
  readonly content: Buffer;
  readonly options: Options.Publish;
}

export function encode(publication: Publication): Encoded {
  const { messageId, type, body, correlationId, replyTo, readyAtMs, expiresAtMs } = publication;
  return {
    content: Buffer.from(JSON.stringify(body)),
    options: {
      contentType: "application/json",
      messageId,
      type,
      // AMQP counts seconds here; the header below has the milliseconds.
      timestamp: Math.floor(readyAtMs / 1_000),
      ...(correlationId === undefined ? {} : { correlationId }),
      ...(replyTo === undefined ? {} : { replyTo }),
      // Never `expiration`: RabbitMQ would drop the message, and nobody would know.
      headers: {
        [header.publicationId]: publication.publicationId,
        [header.deliveryCount]: publication.deliveryCount,
        [header.readyAtMs]: readyAtMs,
        ...(expiresAtMs === undefined ? {} : { [header.expiresAtMs]: expiresAtMs }),
      },
    },
  };
}

/** @throws Error that says what is wrong when the message is none of ours */
export function decode(message: Message, queue: string): Publication {
  const { properties, content } = message;
  const headers: Readonly<Record<string, unknown>> = properties.headers ?? {};
  const body: unknown = JSON.parse(content.toString("utf8"));
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new Error("body: not an object");
  const expiresAtMs = headers[header.expiresAtMs];
  return {
    publicationId: text(headers[header.publicationId], header.publicationId),
    messageId: text(properties.messageId, "message-id"),
    queue,
    type: text(properties.type, "type"),
    body: body as Readonly<Record<string, unknown>>,
    ...(properties.correlationId === undefined
      ? {}
      : { correlationId: text(properties.correlationId, "correlation-id") }),
    ...(properties.replyTo === undefined ? {} : { replyTo: text(properties.replyTo, "reply-to") }),
    deliveryCount: whole(headers[header.deliveryCount], header.deliveryCount),
    readyAtMs: whole(headers[header.readyAtMs], header.readyAtMs),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs: whole(expiresAtMs, header.expiresAtMs) }),
  };
}

/**
 * Handed out before, to whoever. RabbitMQ does not say whether it was given back or its holder died: the flag is
 * also set after a `nack`.
 */
export function wasHandedOut(message: Message): boolean {
  const count: unknown = message.properties.headers?.["x-delivery-count"];
  return message.fields.redelivered || (typeof count === "number" && count > 0);
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") throw new Error(`${name}: missing`);
  return value;
}

function whole(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    throw new Error(`${name}: not a whole number`);
  return value;
}
