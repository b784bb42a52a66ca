/** What the contract suites are run in: a database or broker, and processes that work on it. */
import assert from "node:assert/strict";
import { systemRandom } from "../../adapters/system/clock.js";
import { runDayOf } from "../../engine/ids.js";
import type { Bus, Delivery, Held, OutgoingMessage, QueueDepth } from "../../engine/ports/bus.js";
import type { Housekeeping } from "../../engine/ports/housekeeping.js";
import type { JournalEntry, Row, Store, Unit, Write } from "../../engine/ports/store.js";

/** Store and bus of one process, joined as compose joins them. */
export interface TestProcess {
  readonly instance: string;
  readonly store: Store & Housekeeping;
  readonly bus: Bus;
  /** Moves rows into the past, which no port can do. */
  readonly tamper: Tamper;
  close(): Promise<void>;
}

export interface Tamper {
  /** Makes a lease run out, or a delay, so many milliseconds from now. */
  visibleIn(messageId: string, delayMs: number): Promise<void>;
  /** Milliseconds until a message may be delivered (again); undefined when it does not exist. */
  visibleInMs(messageId: string): Promise<number | undefined>;
  /** Lets an hour pass for the journal of a run. */
  ageJournal(runId: string): Promise<void>;
  /** Lets a module of the process have given its last sign of life so many milliseconds ago. */
  beat(instance: string, agoMs: number): Promise<void>;
}

export interface World {
  /** @param pollIdleMs how soon an idle process looks by itself; long unless a case is about that */
  open(options?: { readonly pollIdleMs?: number }): Promise<TestProcess>;
  drop(): Promise<void>;
}

export const id = (): string => systemRandom.id();
/** Words of a table that name one thing per test. */
export const unique = (what: string): string => `${what}.${id()}`;

/** Waits for a fact; fails with `what` when it does not come true in time. */
export async function until(what: string, fact: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 1_000; round++) {
    if (await fact()) return;
    await pause(10);
  }
  assert.fail(`waited in vain: ${what}`);
}

export const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, delayMs));

/** A consumer that keeps what it gets until the test is done with it. */
export interface Inbox {
  readonly deliveries: readonly Delivery[];
  /** Deliveries it has not been told to be done with. */
  readonly open: number;
  done(delivery: Delivery): void;
  next(count?: number): Promise<readonly Delivery[]>;
  pause(): void;
  resume(): void;
  stop(deadlineMs?: number): Promise<void>;
}

export function inbox(bus: Bus, queue: string | readonly string[], concurrency = 50): Inbox {
  const deliveries: Delivery[] = [];
  const open = new Map<Delivery, () => void>();
  const queues = typeof queue === "string" ? [queue] : queue;
  let taken = 0;
  const consumer = bus.consume({
    queues: () => queues,
    concurrency,
    handler: (delivery) =>
      new Promise((resolve) => {
        open.set(delivery, resolve);
        deliveries.push(delivery);
      }),
  });
  const done = (delivery: Delivery): void => {
    open.get(delivery)?.();
    open.delete(delivery);
  };
  return {
    deliveries,
    get open() {
      return open.size;
    },
    done,
    next: async (count = 1) => {
      await until(`${count} deliveries of ${queues.join(", ")}`, () => deliveries.length >= taken + count);
      taken += count;
      return deliveries.slice(taken - count, taken);
    },
    pause: () => consumer.pause(),
    resume: () => consumer.resume(),
    stop: async (deadlineMs = 0) => {
      await consumer.stop(deadlineMs);
      for (const delivery of [...open.keys()]) done(delivery);
    },
  };
}

export const message = (queue: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  messageId: id(),
  queue,
  type: "run",
  body: {},
  ...more,
});

/** Messages whose bodies count from 0. */
export const numbered = (
  queue: string,
  count: number,
  more: Partial<OutgoingMessage> = {},
): OutgoingMessage[] => Array.from({ length: count }, (_, n) => message(queue, { body: { n }, ...more }));

/** Publishes a message and takes it, as a worker holds it. */
export async function hold(bus: Bus): Promise<{ readonly held: Held; release(): Promise<void> }> {
  const queue = unique("held");
  await bus.publish([message(queue)]);
  const box = inbox(bus, queue, 1);
  const [held] = await box.next();
  return { held: held!, release: () => box.stop() };
}

export const journalEntry = (more: Partial<JournalEntry> = {}): JournalEntry => {
  const runId = more.runId ?? id();
  return {
    runDay: runDayOf(runId),
    runId,
    hop: 0,
    point: 0,
    step: 1,
    kind: "barrier",
    stage: "charge",
    outcome: "",
    data: { fields: {} },
    owner: id(),
    ...more,
  };
};

export const orderRow = (more: Row = {}): Row => ({
  orderId: id(),
  merchantId: "m1",
  merchantOrderId: unique("ref"),
  type: "pay",
  status: "processing",
  amount: 100,
  currency: "EUR",
  runId: id(),
  attempts: 1,
  refunded: 0,
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_000,
  ...more,
});

export const insert = (table: string, row: Row, exists: "conflict" | "keep" = "conflict"): Write => ({
  kind: "insert",
  table,
  row,
  exists,
});

export const runRow = (more: Row = {}): Row => ({
  runId: id(),
  flow: "pay",
  type: "pay",
  planHash: "h",
  state: "open",
  stage: "charge",
  hop: 0,
  reason: "",
  body: { hop: 0 },
  signalsGiven: 0,
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_000,
  ...more,
});

/** A unit that leaves a trace everywhere a unit can leave one. */
export interface Traced {
  readonly unit: Unit;
  readonly order: Row;
  readonly queue: string;
}

export function traced(more: Partial<Unit> = {}): Traced {
  const order = orderRow();
  const queue = unique("traced");
  const writes = [insert("orders", order), ...(more.writes ?? [])];
  return {
    order,
    queue,
    unit: { journal: [journalEntry()], publish: [message(queue)], ...more, writes },
  };
}

/** How often each trace of the unit is there: row, journal entry, message. `depths`: when they were read before. */
export async function traces(
  { store, bus }: TestProcess,
  { unit, order, queue }: Traced,
  depths?: readonly QueueDepth[],
): Promise<string> {
  const row = await store.find("orders", { orderId: order["orderId"] });
  const [entry] = unit.journal ?? [];
  const entries = entry
    ? (await store.journal(entry.runDay, entry.runId, entry.hop)).filter(({ owner }) => owner === entry.owner)
    : [];
  const depth = (depths ?? (await bus.depths())).find((one) => one.queue === queue);
  const messages = depth ? depth.ready + depth.delayed + depth.leased : 0;
  return `row ${row ? 1 : 0}, journal ${entries.length}, message ${messages}`;
}

/** Dead letters, as the worker writes them. */
export async function buryIn(
  process: TestProcess,
  queue: string,
  count: number,
  more: Row = {},
): Promise<readonly string[]> {
  const rows = Array.from({ length: count }, (_, n) => ({
    ...{ messageId: id(), queue, type: "run", body: { n }, reason: "broken", deliveries: 8 },
    diedAt: 1_700_000_000_000 + n,
    ...more,
  }));
  await process.store.commit({
    writes: rows.map((row) => insert("deadLetters", row, "keep")),
    publish: [],
  });
  return rows.map(({ messageId }) => messageId);
}
