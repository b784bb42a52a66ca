/**
 * Defects put into a simulation from outside: wrapped ports and a replaced function. The shipped code knows nothing of
 * them. `found`: the complaints of which at least one must come; `climate`: the weather in which it shows.
 */
import type { MemoryDatabase, MemoryWriter } from "../../adapters/memory/database.js";
import type { Bus } from "../../engine/ports/bus.js";
import type { ChannelAnswer, ChannelDriver } from "../../engine/ports/channel.js";
import type { WebhookSender } from "../../engine/ports/delivery.js";
import type { BatchWriter, CommitResult, Store, Unit, Write } from "../../engine/ports/store.js";
import type { Climate } from "./climate.js";
import { CarelessLane } from "./careless-lane.js";

export interface Plant {
  readonly wire?: (wire: MemoryWriter, database: MemoryDatabase) => MemoryWriter;
  readonly lane?: (writer: BatchWriter) => { commit(unit: Unit): Promise<CommitResult> };
  readonly store?: (store: Store, bus: Bus) => Store;
  readonly driver?: (driver: ChannelDriver) => ChannelDriver;
  readonly webhooks?: (webhooks: WebhookSender) => WebhookSender;
}

export const sound: Plant = {};

export interface PlantedBug {
  /** The seed to begin with: the cheapest that shows it. Default: 1. */
  readonly seed?: number;
  readonly plant: Plant;
  readonly climate: Partial<Climate>;
  readonly found: readonly string[];
}

/** The same port with some of its methods replaced. */
const replaced = <T extends object>(port: T, methods: Partial<T>): T =>
  new Proxy(port, {
    get: (target, name) => {
      const source = Reflect.has(methods, name) ? methods : target;
      const member: unknown = Reflect.get(source, name, source);
      return typeof member === "function" ? (member.bind(source) as unknown) : member;
    },
  });

/** What the journal says about a hop, seen otherwise. */
const journalSeen = (
  see: (entries: Awaited<ReturnType<Store["journal"]>>) => Awaited<ReturnType<Store["journal"]>>,
): Plant => ({
  store: (store) =>
    replaced(store, { journal: async (day, runId, hop) => see(await store.journal(day, runId, hop)) }),
});

/** Units, changed on their way to the database. */
const unitsSent = (change: (unit: Unit) => Unit): Plant => ({
  wire: (wire) => replaced(wire, { write: (units, relay) => wire.write(units.map(change), relay) }),
});

/** What a charge is taken for. */
const chargeTaken = (take: (answer: ChannelAnswer) => ChannelAnswer): Plant => ({
  driver: (driver) =>
    replaced(driver, { charge: async (request, signal) => take(await driver.charge(request, signal)) }),
});

const refundTaken = (take: (answer: ChannelAnswer) => ChannelAnswer): Plant => ({
  driver: (driver) =>
    replaced(driver, { refund: async (request, signal) => take(await driver.refund(request, signal)) }),
});

/** The sum that was read is no guard any more. */
function countsBlindly(write: Write): Write {
  if (write.kind === "insert" || write.table !== "payments") return write;
  const { refundReserved: _reserved, ...match } = write.match ?? {};
  return { ...write, match };
}

const unknownAs = (result: "declined" | "notSent"): Plant =>
  chargeTaken((answer) => (answer.result === "unknown" ? { ...answer, result } : answer));

/** A refused fence is no reason to stop, and nobody looks whether the work was done. */
const noInbox: Plant = {
  ...journalSeen(() => []),
  wire: (wire) =>
    replaced(wire, {
      write: async (units, relay) => {
        const result = await wire.write(units, relay);
        if (result.result === "committed") return result;
        const fenced = new Set(
          result.refusals.flatMap(({ gate, index }) => (gate === "fence" ? [index] : [])),
        );
        if (fenced.size === 0) return result;
        return wire.write(
          units.map((unit, index) => (fenced.has(index) ? withoutJournal(unit) : unit)),
          relay,
        );
      },
    }),
};

const withoutJournal = ({ journal: _journal, ...unit }: Unit): Unit => unit;

const publishedFirst: Plant = {
  store: (store, bus) =>
    replaced(store, {
      commit: async (unit) => {
        if (unit.publish.length > 0) await bus.publish(unit.publish);
        return store.commit({ ...unit, publish: [] });
      },
    }),
};

function entersWaitBlindly(write: Write): Write {
  if (write.kind === "insert" || write.table !== "runs" || write.to !== "waiting") return write;
  const { signalsGiven: _given, ...match } = write.match ?? {};
  return { ...write, match };
}

/** Whoever comes settles the message, whoever holds it by now. */
const leaseless: Plant = {
  wire: (wire, { messages }) =>
    replaced(wire, {
      write: async (units, relay) => {
        const result = await wire.write(units.map(withoutMessage), relay);
        if (result.result === "committed")
          for (const { message } of units) if (message?.consume) messages.delete(message.held.messageId);
        return result;
      },
    }),
};

const withoutMessage = ({ message: _message, ...unit }: Unit): Unit => unit;

const letterOnly = (unit: Unit): Unit =>
  unit.writes.some(({ table }) => table === "deadLetters")
    ? { ...withoutJournal(unit), writes: unit.writes.filter(({ table }) => table === "deadLetters") }
    : unit;

/** Calm but for what the bug needs, so that nothing else hides it. */
const deadly = { kills: 20, crash: 0.03 };
const lost = { "reset-after": 0.1, "reset-before": 0.1, hang: 0.1, "late-charge": 0.1 };
const charges = (more: Partial<Climate["charges"]>): Climate["charges"] => ({
  ...{ decline: 0, pending: 0, action: 0, slow: 0, hang: 0, "reset-before": 0, "reset-after": 0 },
  ...{ "late-charge": 0, garbage: 0, "error-500": 0, notSent: 0 },
  "charged-after-all": 0,
  ...more,
});

export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  "the inbox check is skipped": {
    seed: 11,
    plant: noInbox,
    climate: { ...deadly, sendTwice: 0.2 },
    found: ["sent again on a guess", "an order was charged twice", "charged without an intent"],
  },
  "a timeout is taken for declined": {
    plant: unknownAs("declined"),
    climate: { charges: charges(lost) },
    found: ["charged, and not paid"],
  },
  "a message leaves before its commit": {
    seed: 13,
    plant: publishedFirst,
    climate: { submittedTwice: 0.8, commitLost: 0.05, ...deadly },
    found: [
      "charged what nobody has logged",
      "an order was charged twice",
      "another payment while one is undecided",
      // The guard of the payment's row stops what has no row; then its message dies, for nothing.
      "a message died although nothing was wrong with it",
      "parked although nothing was wrong",
    ],
  },
  "an intent is forgotten": {
    plant: unitsSent((unit) => ({
      ...unit,
      journal: (unit.journal ?? []).filter(({ kind }) => kind !== "intent"),
    })),
    climate: deadly,
    // Where the guard of the payment's row stops the repetition, the first call was still made without an intent.
    found: ["sent again on a guess", "charged without an intent"],
  },
  "another channel is tried after a reset": {
    plant: unknownAs("notSent"),
    climate: { charges: charges(lost) },
    found: ["another payment while one is undecided"],
  },
  "two guarded units share a statement": {
    plant: { lane: (writer) => new CarelessLane(writer) },
    climate: { submittedTwice: 1, databaseDelayMsMax: 60, processes: 1, databaseOutages: 0 },
    found: ["another payment while one is undecided", "an order was charged twice"],
  },
  "an inquiry before the send deadline": {
    plant: journalSeen((entries) => entries.map((entry) => ({ ...entry, sendDeadlineInMs: 0 }))),
    climate: { ...deadly, brokerCuts: 8, charges: charges({ slow: 0.3 }) },
    found: ["asked before the send deadline"],
  },
  "a callback is lost while a wait is entered": {
    seed: 4,
    plant: unitsSent((unit) => ({ ...unit, writes: unit.writes.map(entersWaitBlindly) })),
    climate: {
      ...{ callbackNone: 0, callbackTwice: 1, callbackLateMsMax: 50, databaseDelayMsMax: 60 },
      charges: charges({ pending: 0.4, action: 0.3, "reset-after": 0.3 }),
    },
    found: ["a run waits for a signal it has"],
  },
  "a stale lease settles": {
    plant: leaseless,
    climate: { bus: "claim", stalls: 20, charges: charges({ slow: 0.4 }) },
    found: ["a stale lease settled"],
  },
  "a dead letter parks nothing": {
    seed: 2,
    plant: unitsSent(letterOnly),
    climate: { poison: 0.05 },
    found: ["a dead letter parked nothing"],
  },
  "a notification has a new id every time": {
    plant: {
      webhooks: (webhooks) => ({
        send: (request, signal) =>
          webhooks.send({ ...request, webhookId: `${request.webhookId}-${request.timestampS}` }, signal),
      }),
    },
    climate: { webhookFails: 0.4 },
    found: ["the merchant was told twice, or something else", "the merchant was not told"],
  },
  "a refund without an answer is taken for declined": {
    plant: refundTaken((answer) =>
      answer.result === "unknown" ? { ...answer, result: "declined" } : answer,
    ),
    climate: { refunded: 1, charges: charges(lost) },
    found: ["institution and refunds disagree"],
  },
  "refunds that race do not see each other": {
    plant: unitsSent((unit) => ({ ...unit, writes: unit.writes.map(countsBlindly) })),
    climate: { refunded: 1, refundsBounded: false, databaseDelayMsMax: 60 },
    found: ["refunds and payments disagree", "more went back than was paid"],
  },
  "no such payment is believed at once": {
    plant: { driver: (driver) => replaced(driver, { manifest: { ...driver.manifest, graceMs: -10_000 } }) },
    climate: { charges: charges({ "late-charge": 0.4 }), inquiryUnknown: 0 },
    found: ["sent again on a guess"],
  },
};
