/** Small words for the JetStream API. */
import { JetStreamApiError } from "@nats-io/jetstream";

/** https://github.com/nats-io/nats-server/blob/main/server/errors.json */
export const codes = {
  consumerNotFound: 10014,
  streamExists: 10058,
  streamNotFound: 10059,
  onlyOneConsumer: [10099, 10100],
} as const;

/** JetStream's unit of time. */
export function nanosOf(ms: number): number {
  return ms * 1_000_000;
}

export const isCode = (error: unknown, ...wanted: readonly number[]): boolean =>
  error instanceof JetStreamApiError && wanted.includes(error.code);

/** The answer, or undefined when the server says that there is no such thing. */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isCode(error, codes.streamNotFound, codes.consumerNotFound)) return undefined;
    throw error;
  }
}
