import { ValenceError } from "../../../engine/errors.js";

/** What went wrong, for people. The messages of amqplib carry no URL and no password. */
export const textOf = (error: unknown): string =>
  error instanceof AggregateError && error.message === ""
    ? error.errors.map(textOf).join("; ")
    : error instanceof Error
      ? error.message
      : String(error);

/** The AMQP reply code with which the server closed a channel (404: no such queue, 406: declared otherwise before). */
export const replyCodeOf = (error: unknown): number | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;

export const unreachable = (detail: string, cause?: unknown): ValenceError =>
  new ValenceError("broker_unreachable", detail, { cause });
