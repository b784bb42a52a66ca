/** Processes on a database in memory, on the real clock, for the contract suites: with their messages in it or beside it. */
import { noncesTable } from "../../../adapters/http/bridge/tables.js";
import { memoryProduct } from "../../../adapters/compose/memory-product.js";
import { MemoryBrokerConnection, MemoryBrokerServer } from "../../../adapters/memory/broker.js";
import { MemoryBroker, MemoryBus } from "../../../adapters/memory/bus.js";
import { MemoryDatabase } from "../../../adapters/memory/database.js";
import { MemoryLetters } from "../../../adapters/memory/letters.js";
import type { StoredMessage } from "../../../adapters/memory/messages.js";
import type { OutboxRow } from "../../../adapters/memory/outbox-tables.js";
import { MemoryOutbox } from "../../../adapters/memory/outbox.js";
import { MemoryStore } from "../../../adapters/memory/store.js";
import { systemClock, systemRandom } from "../../../adapters/system/clock.js";
import type { Bus, OutgoingMessage } from "../../../engine/ports/bus.js";
import { silent } from "../../../engine/ports/telemetry.js";
import { RelayedBus } from "../../../engine/relay/relayed-bus.js";
import { engineTables } from "../../../engine/runtime/tables.js";
import type { Tamper, TestProcess, World } from "../../contract/world.js";

const clock = systemClock;
const random = systemRandom;
const collectEveryMs = 50;
const hourMs = 3_600_000;

function freshDatabase(): MemoryDatabase {
  const { tables, checks } = memoryProduct();
  return new MemoryDatabase(clock, [...engineTables, ...tables, noncesTable], checks);
}

/** Messages that wait in the outbox have their time there; the others are in the queue. */
const tamper = (database: MemoryDatabase): Tamper => ({
  visibleIn: async (messageId, delayMs) => {
    const atMs = clock.nowMs() + delayMs;
    for (const row of outboxRows(database, messageId)) row.dueAtMs = atMs;
    const message = database.messages.get(messageId);
    if (message) letRunOut(database, message, atMs);
  },
  visibleInMs: async (messageId) => {
    // What was sent before may still be there for a moment.
    const due = outboxRows(database, messageId).map(({ dueAtMs }) => dueAtMs);
    const atMs = due.length > 0 ? Math.max(...due) : database.messages.get(messageId)?.visibleAtMs;
    return atMs === undefined ? undefined : atMs - clock.nowMs();
  },
  ageJournal: async (runId) => database.ageJournal(runId, hourMs),
  beat: async (instance, agoMs) => void database.beats.set(instance, clock.nowMs() - agoMs),
});

const outboxRows = ({ outbox }: MemoryDatabase, messageId: string): readonly OutboxRow[] =>
  [...outbox.rows.values()].filter(({ outgoing }) => outgoing.message.messageId === messageId);

/** Its owner has missed its renewals, and nobody is told. */
function letRunOut({ queue }: MemoryDatabase, message: StoredMessage, atMs: number): void {
  const { changed } = queue;
  queue.changed = () => undefined;
  message.owner = undefined;
  message.visibleAtMs = atMs;
  queue.changed = changed;
}

async function joined(
  database: MemoryDatabase,
  instance: string,
  store: MemoryStore,
  bus: Bus,
  close: () => Promise<void>,
): Promise<TestProcess> {
  await store.ensurePartitions(1);
  return { instance, store, bus, tamper: tamper(database), close };
}

export async function memoryWorld(): Promise<World> {
  const database = freshDatabase();
  const broker = new MemoryBroker({ database, clock, random });
  database.queue.handsOn = true;
  broker.run();
  return {
    open: async () => {
      const instance = random.id();
      const store = new MemoryStore({ database, clock, instance });
      const bus = new MemoryBus(broker, instance, clock);
      return joined(database, instance, store, bus, async () => broker.drop(instance));
    },
    drop: async () => broker.halt(),
  };
}

export async function relayedMemoryWorld(): Promise<World> {
  const database = freshDatabase();
  const server = new MemoryBrokerServer(clock);
  const opened: RelayedBus[] = [];
  return {
    open: async () => {
      const instance = random.id();
      const outbox = new MemoryOutbox(database, instance);
      const rise = (message: OutgoingMessage): void =>
        database.outbox.rise({ message, publicationId: random.id(), deliveryCount: 1 });
      const bus = new RelayedBus({
        ...{ clock, random, telemetry: silent, instance, collectEveryMs, outbox },
        broker: new MemoryBrokerConnection(server),
        letters: new MemoryLetters(database, rise),
      });
      opened.push(bus);
      await bus.open();
      const store = new MemoryStore({ database, clock, instance, desk: bus });
      // Only the living keep what they have in the outbox.
      database.beats.set(instance, clock.nowMs() + hourMs);
      return joined(database, instance, store, bus, () => bus.close());
    },
    drop: async () => {
      await Promise.all(opened.map((bus) => bus.close()));
    },
  };
}
