/** A namespace on a NATS, and trouble with it: through the proxy, and behind everybody's back. */
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { createNatsBroker } from "../../adapters/bus/nats/index.js";
import { namesIn } from "../../adapters/bus/nats/names.js";
import { systemClock, systemRandom } from "../../adapters/system/clock.js";
import type { Broker } from "../../engine/ports/broker.js";
import { type LogEvent, silent } from "../../engine/ports/telemetry.js";
import type { BrokerWorld, ServerWorld } from "../contract/broker-world.js";
import { unique } from "./broker-inbox.js";
import { startNatsServer } from "./nats-server.js";
import { type Proxy, startProxy } from "./proxy.js";

/** The server's URL. @throws Error that names the variable to set. */
export function natsUrl(): string {
  const url = process.env["TEST_NATS_URL"];
  if (!url) {
    throw new Error(
      "TEST_NATS_URL is not set: it names the NATS to test with. `npm test` sets it; by hand: " +
        "scripts/services up nats && eval $(scripts/services env)",
    );
  }
  return url;
}

/** What an operator has: a connection that knows nothing of brokers. */
export interface NatsOperator {
  readonly nats: NatsConnection;
  readonly manager: JetStreamManager;
}

export interface NatsWorld extends BrokerWorld {
  readonly namespace: string;
  readonly proxy: Proxy;
  /** What the brokers of this world logged. */
  readonly log: readonly LogEvent[];
  streamOf(queue: string): string;
  /** A connection of the test's own, past the proxy. */
  aside<T>(work: (operator: NatsOperator) => Promise<T>): Promise<T>;
}

export interface NatsWorldOptions {
  readonly ackWaitMs?: number;
}

export async function natsWorld(url: string = natsUrl(), options: NatsWorldOptions = {}): Promise<NatsWorld> {
  const namespace = unique("test").replaceAll(".", "-");
  const names = namesIn(namespace);
  const proxy = await startProxy(url);
  const brokers = new Set<Broker>();
  const log: LogEvent[] = [];
  const telemetry = { ...silent, log: (_level: unknown, event: LogEvent) => void log.push(event) };

  const aside: NatsWorld["aside"] = async (work) => {
    const { host, username, password } = new URL(url);
    const nats = await connect({ servers: host, user: username, pass: password });
    try {
      return await work({ nats, manager: await jetstreamManager(nats) });
    } finally {
      await nats.close();
    }
  };
  const ourStreams = async ({ manager }: NatsOperator): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const stream of manager.streams.names()) {
      if (names.queueOf(stream) !== undefined || stream === names.malformedStream) found.push(stream);
    }
    return found;
  };

  return {
    namespace,
    proxy,
    log,
    aside,
    streamOf: (queue) => names.streamOf(queue),
    open: async () => {
      const broker = createNatsBroker({
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
      deleteQueue: (queue) =>
        aside(async ({ manager }) => void (await manager.streams.delete(names.streamOf(queue)))),
      dropConsumers: (queue) =>
        aside(async ({ manager }) => {
          const stream = names.streamOf(queue);
          for (const { name } of await manager.consumers.list(stream).next()) {
            await manager.consumers.delete(stream, name);
          }
        }),
      putForeign: (queue, bytes) =>
        aside(async ({ manager }) => void (await manager.jetstream().publish(names.subjectOf(queue), bytes))),
      setAside: () =>
        aside(async ({ manager }) => {
          const info = await manager.streams.info(names.malformedStream).catch(() => undefined);
          return info?.state.messages ?? 0;
        }),
    },
    close: async () => {
      proxy.mend();
      await Promise.all([...brokers].map((broker) => broker.close()));
      await proxy.close();
      await aside(async (operator) => {
        for (const stream of await ourStreams(operator)) await operator.manager.streams.delete(stream);
      });
    },
  };
}

/** A world on a NATS of its own, which can be killed. */
export async function ownNatsWorld(options: NatsWorldOptions = {}): Promise<NatsWorld & ServerWorld> {
  const server = await startNatsServer();
  const world = await natsWorld(server.url, options);
  return {
    ...world,
    killServer: () => server.kill(),
    startServer: () => server.start(),
    // A stream is on disk before its creation is confirmed.
    settle: () => Promise.resolve(),
    close: async () => {
      await world.close().catch(() => undefined);
      await server.stop();
    },
  };
}
