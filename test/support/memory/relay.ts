/** Processes on a relayed bus: scripted broker, outbox in memory, time that stands still until a test moves it. */
import assert from "node:assert/strict";
import type { Consumer, Delivery, OutgoingMessage } from "../../../engine/ports/bus.js";
import { silent } from "../../../engine/ports/telemetry.js";
import { RelayedBus } from "../../../engine/relay/relayed-bus.js";
import { BrokerServer, ScriptedBroker } from "./broker.js";
import { SeededRandom, settled, VirtualClock } from "../../../adapters/memory/clock.js";
import { MemoryOutbox, OutboxTables } from "./outbox.js";

export const queue = "flow.pay";

/** A consumer of `queue` whose work takes until the test ends it. */
export interface Hands {
  readonly consumer: Consumer;
  /** Everything that was ever begun, in order. */
  readonly begun: Delivery[];
  /** Bodies' `n` of what was begun. */
  numbers(): readonly unknown[];
  /** The work on what was begun as `index` ends; the message is settled first unless `settle` is false. */
  end(index: number, settle?: boolean): Promise<void>;
}

export class RelayProcess {
  readonly broker: ScriptedBroker;
  readonly outbox: MemoryOutbox;
  readonly bus: RelayedBus;

  constructor(
    private readonly relay: Relay,
    readonly instance: string,
    collectEveryMs: number,
  ) {
    const { clock, random, server, tables } = relay;
    this.broker = new ScriptedBroker(server);
    this.outbox = new MemoryOutbox(tables, instance);
    this.bus = new RelayedBus({
      ...{ broker: this.broker, outbox: this.outbox, clock, random, telemetry: silent, instance },
      letters: {
        list: () => Promise.resolve([]),
        replay: () => Promise.resolve(1),
        discard: () => Promise.resolve(0),
        counts: () => Promise.resolve([]),
      },
      collectEveryMs,
    });
  }

  /** As a commit does: rows first, then the word to the bus. */
  async commit(publish: readonly OutgoingMessage[], settles: readonly Delivery[] = []): Promise<void> {
    const outgoing = publish.map((message) => this.bus.prepare(message));
    await this.outbox.add(outgoing);
    this.bus.committed(outgoing, settles);
    await settled();
  }

  hands(concurrency: number, queues: () => readonly string[] = () => [queue]): Hands {
    const begun: Delivery[] = [];
    const ends: (() => void)[] = [];
    const consumer = this.bus.consume({
      queues,
      concurrency,
      handler: (delivery) =>
        new Promise((resolve) => {
          begun.push(delivery);
          ends.push(resolve);
        }),
    });
    return {
      consumer,
      begun,
      numbers: () => begun.map(({ body }) => body["n"]),
      end: async (index, settle = true) => {
        const delivery = begun[index];
        assert.ok(delivery, `work ${index} has begun`);
        if (settle) this.bus.committed([], [delivery]);
        ends[index]?.();
        await settled();
      },
    };
  }

  /** kill -9: nothing is said to anybody any more. */
  die(): void {
    this.relay.tables.alive.delete(this.instance);
    for (const each of this.relay.server.subscriptions)
      if (each.broker === this.broker) this.relay.server.subscriptions.delete(each);
    this.outbox.gate = new Promise(() => undefined);
    this.broker.cut();
  }
}

export class Relay {
  readonly clock = new VirtualClock(Date.parse("2026-03-01T10:00:00Z"));
  readonly random = new SeededRandom(this.clock);
  readonly server = new BrokerServer();
  readonly tables = new OutboxTables(this.clock);
  #processes = 0;

  async process(collectEveryMs = 250): Promise<RelayProcess> {
    const process = new RelayProcess(this, `process-${++this.#processes}`, collectEveryMs);
    await process.bus.open();
    return process;
  }

  message(n: number, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
    return { messageId: `message-${n}`, queue, type: "run", body: { n }, ...more };
  }

  messages(count: number, more: Partial<OutgoingMessage> = {}): readonly OutgoingMessage[] {
    return Array.from({ length: count }, (_, n) => this.message(n, more));
  }

  /** Lets time pass in steps small enough for one thing to lead to the next. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs() + ms;
    await settled();
    for (
      let nextMs = this.clock.nextMs;
      nextMs !== undefined && nextMs <= untilMs;
      nextMs = this.clock.nextMs
    ) {
      this.clock.moveTo(nextMs);
      await settled();
    }
    this.clock.moveTo(untilMs);
    await settled();
  }
}
