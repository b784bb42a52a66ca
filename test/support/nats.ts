/** NATS for tests: brokers in a namespace of their own on the server of TEST_NATS_URL, and a plain client beside them. */
import { setTimeout as pause } from "node:timers/promises";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { createNatsBroker } from "../../adapters/bus/nats/index.js";
import { systemClock, systemRandom } from "../../adapters/system/clock.js";
import type { Broker, Handed, Publication } from "../../engine/ports/broker.js";
import { type LogEvent, silent } from "../../engine/ports/telemetry.js";

/** @throws Error that names the variable to set. */
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
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  close(): Promise<void>;
}

export async function natsOperator(url: string): Promise<NatsOperator> {
  const { host, username, password } = new URL(url);
  const connection = await connect({
    servers: host,
    user: username,
    pass: password,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  return { connection, manager: await jetstreamManager(connection), close: () => connection.close() };
}

/** Removes every stream of the namespace; it has letters, digits and `-` only. */
export async function removeStreams(url: string, namespace: string): Promise<void> {
  const { manager, close } = await natsOperator(url);
  const names: string[] = [];
  for await (const name of manager.streams.names()) names.push(name);
  for (const name of names) {
    if (name.startsWith(`${namespace}+`) || name === `${namespace}-malformed`)
      await manager.streams.delete(name);
  }
  await close();
}

let count = 0;
export const freshNamespace = (): string => `test-${process.pid}-${Date.now().toString(36)}-${count++}`;

/** Not opened. `logged` collects what it logs. */
export function natsBroker(
  url: string,
  namespace: string,
  options: { readonly ackWaitMs?: number; readonly logged?: LogEvent[] } = {},
): Broker {
  const { logged, ...rest } = options;
  const telemetry = { ...silent, log: (_: string, event: LogEvent): void => void logged?.push(event) };
  const instance = systemRandom.id();
  return createNatsBroker({
    url,
    namespace,
    instance,
    clock: systemClock,
    random: systemRandom,
    telemetry,
    ...rest,
  });
}

export function publication(queue: string, messageId: string, more: Partial<Publication> = {}): Publication {
  return {
    publicationId: systemRandom.id(),
    messageId,
    queue,
    type: "run",
    body: { messageId },
    deliveryCount: 0,
    readyAtMs: Date.now(),
    ...more,
  };
}

/** Waits until it holds. @throws Error after `limitMs` */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not seen within ${limitMs} ms: ${what}`);
    await pause(20);
  }
}

/** Message ids in the order they came; `settle` says what is done with each. */
export function collector(settle: (handed: Handed) => void = (handed) => handed.ack()): {
  readonly ids: string[];
  readonly take: (handed: Handed) => void;
} {
  const ids: string[] = [];
  return {
    ids,
    take: (handed) => {
      ids.push(handed.publication.messageId);
      settle(handed);
    },
  };
}
