/** A namespace on a RabbitMQ, and trouble with it: through the proxy, and behind everybody's back. */
import { setTimeout as pause } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";
import { createAmqpBroker } from "../../adapters/bus/amqp/index.js";
import { systemClock, systemRandom } from "../../adapters/system/clock.js";
import type { Broker } from "../../engine/ports/broker.js";
import { type LogEvent, silent } from "../../engine/ports/telemetry.js";
import type { BrokerWorld, ServerWorld } from "../contract/broker-world.js";
import { unique } from "./broker-inbox.js";
import { type Proxy, startProxy } from "./proxy.js";
import { type RabbitmqServer, startRabbitmqServer } from "./rabbitmq-server.js";

/** The server's URL. @throws Error that names the variable to set. */
export function amqpUrl(): string {
  const url = process.env["TEST_AMQP_URL"];
  if (!url) {
    throw new Error(
      "TEST_AMQP_URL is not set: it names the RabbitMQ to test with. `npm test` sets it; by hand: " +
        "scripts/services up rabbitmq && eval $(scripts/services env)",
    );
  }
  return url;
}

export interface AmqpWorld extends BrokerWorld {
  readonly namespace: string;
  readonly proxy: Proxy;
  /** What the brokers of this world logged. */
  readonly log: readonly LogEvent[];
  /** A connection of the test's own, past the proxy. */
  aside<T>(work: (model: ChannelModel) => Promise<T>): Promise<T>;
}

export interface AmqpWorldOptions {
  readonly heartbeatMs?: number;
  readonly sendMsMax?: number;
}

export async function amqpWorld(url: string = amqpUrl(), options: AmqpWorldOptions = {}): Promise<AmqpWorld> {
  const namespace = unique("test").replaceAll(".", "-");
  const proxy = await startProxy(url);
  const brokers = new Set<Broker>();
  const log: LogEvent[] = [];
  const telemetry = { ...silent, log: (_level: unknown, event: LogEvent) => void log.push(event) };

  const aside: AmqpWorld["aside"] = async (work) => {
    const model = await connect(url);
    model.on("error", () => undefined);
    try {
      return await work(model);
    } finally {
      await model.close().catch(() => undefined);
    }
  };
  const deleteQueue = (queue: string): Promise<void> =>
    aside(async (model) => {
      const channel = await model.createChannel();
      await channel.deleteQueue(`${namespace}.${queue}`);
    });

  return {
    namespace,
    proxy,
    log,
    aside,
    open: async () => {
      const broker = createAmqpBroker({
        url: proxy.url,
        namespace,
        instance: unique("process"),
        clock: systemClock,
        random: systemRandom,
        telemetry,
        ...options,
      });
      await broker.open();
      brokers.add(broker);
      return broker;
    },
    control: {
      cut: () => proxy.cut(),
      sever: () => proxy.sever(),
      stall: () => proxy.stall(),
      mend: () => proxy.mend(),
      deleteQueue,
      dropConsumers: deleteQueue,
      putForeign: (queue, bytes) =>
        aside(async (model) => {
          const channel = await model.createConfirmChannel();
          channel.sendToQueue(`${namespace}.${queue}`, bytes);
          await channel.waitForConfirms();
        }),
      setAside: () =>
        aside(async (model) => {
          const channel = await model.createChannel();
          channel.on("error", () => undefined);
          const found = await channel.checkQueue(`${namespace}.malformed`).catch(() => undefined);
          return found?.messageCount ?? 0;
        }),
    },
    close: async () => {
      proxy.mend();
      const queues = new Set(["malformed"]);
      for (const broker of brokers) for (const queue of await broker.queues()) queues.add(queue);
      await Promise.all([...brokers].map((broker) => broker.close()));
      await proxy.close();
      await aside(async (model) => {
        const channel = await model.createChannel();
        for (const queue of queues) await channel.deleteQueue(`${namespace}.${queue}`);
        await channel.deleteExchange(`${namespace}.broadcast`);
      });
    },
  };
}

/** A world on a RabbitMQ of its own, which can be killed. */
export async function ownAmqpWorld(
  options: AmqpWorldOptions = {},
  settings: readonly string[] = [],
): Promise<AmqpWorld & ServerWorld & Pick<RabbitmqServer, "ctl">> {
  const server = await startRabbitmqServer(settings);
  const world = await amqpWorld(server.url, options);
  return {
    ...world,
    ctl: server.ctl,
    killServer: () => server.kill(),
    // RabbitMQ writes down which quorum queues a node has when that list did not change for 500 ms (names.dets of its
    // Raft library). One that is younger at a kill -9 comes back empty and without a leader, confirmed messages or not.
    settle: () => pause(2_000),
    startServer: () => server.start(),
    close: async () => {
      await world.close().catch(() => undefined);
      await server.stop();
    },
  };
}
