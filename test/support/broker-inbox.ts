/** What a subscription was handed, and waiting for it. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Broker, BrokerSubscription, Handed, Publication } from "../../engine/ports/broker.js";

let count = 0;

/** A name that no other test uses. */
export const unique = (name: string): string => `${name}.${process.pid}.${count++}`;

export function publication(queue: string, more: Partial<Publication> = {}): Publication {
  const id = unique("m");
  return {
    publicationId: `p-${id}`,
    messageId: id,
    queue,
    type: "run",
    body: {},
    deliveryCount: 0,
    readyAtMs: 1_800_000_000_123,
    ...more,
  };
}

/** `from`, `from` + 1, … in `body.n`. */
export const numbered = (queue: string, howMany: number, from = 0): readonly Publication[] =>
  Array.from({ length: howMany }, (_, n) => publication(queue, { body: { n: from + n } }));

export const sendAll = async (broker: Broker, publications: readonly Publication[]): Promise<void> =>
  void (await Promise.all(publications.map((one) => broker.send(one))));

/** Waits for what has to come true; the suite's own patience ends it otherwise. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  msMax = 30_000,
): Promise<void> {
  const deadline = Date.now() + msMax;
  while (!(await isTrue())) {
    if (Date.now() > deadline) assert.fail(`${what}: not after ${msMax} ms`);
    await pause(5);
  }
}

export interface Inbox {
  readonly subscription: BrokerSubscription;
  /** Everything handed over so far, settled or not. */
  readonly handed: readonly Handed[];
  /** The next `howMany` that were not taken by an earlier call. */
  next(howMany?: number): Promise<readonly Handed[]>;
  /** `body.n` of everything handed over. */
  numbers(): readonly unknown[];
}

export function inbox(
  broker: Broker,
  queue: string,
  prefetch = 10,
  onHanded: (handed: Handed) => void = () => undefined,
): Inbox {
  const handed: Handed[] = [];
  let taken = 0;
  const subscription = broker.subscribe(queue, prefetch, (one) => {
    handed.push(one);
    onHanded(one);
  });
  return {
    subscription,
    handed,
    next: async (howMany = 1) => {
      await until(`${howMany} of ${queue}`, () => handed.length >= taken + howMany);
      taken += howMany;
      return handed.slice(taken - howMany, taken);
    },
    numbers: () => handed.map(({ publication: { body } }) => body["n"]),
  };
}
