/** The brokers that `scripts/services` brings up, each test file in a namespace of its own. */
import { createBroker } from "../../adapters/compose/bus.js";
import { systemClock, systemRandom } from "../../adapters/system/clock.js";
import type { Broker } from "../../engine/ports/broker.js";
import { silent } from "../../engine/ports/telemetry.js";

export interface BrokerKind {
  readonly name: "RabbitMQ" | "NATS JetStream";
  /** The variable that carries its URL. */
  readonly variable: "TEST_AMQP_URL" | "TEST_NATS_URL";
}

export const brokerKinds: readonly BrokerKind[] = [
  { name: "RabbitMQ", variable: "TEST_AMQP_URL" },
  { name: "NATS JetStream", variable: "TEST_NATS_URL" },
];

/** @throws Error that says which variable to set. */
export function brokerUrl({ name, variable }: BrokerKind): string {
  const url = process.env[variable];
  if (url === undefined || url === "")
    throw new Error(
      `no ${name}: run scripts/services up, then eval "$(scripts/services env)", or set ${variable}`,
    );
  return url;
}

/** Letters and digits that nobody else uses. */
export const freshNamespace = (): string => `t${systemRandom.id().replaceAll("-", "").slice(-12)}`;

/** Settings that put the messages of one system there, apart from all others. */
export const busSettings = (kind: BrokerKind): Readonly<Record<string, string>> => ({
  VALENCE_BUS_URL: brokerUrl(kind),
  VALENCE_BUS_NAMESPACE: freshNamespace(),
});

/** Brokers of one system: the processes of one namespace. */
export function brokersAt(kind: BrokerKind): (instance: string) => Promise<Broker> {
  const namespace = freshNamespace();
  return (instance) =>
    createBroker(
      { url: brokerUrl(kind), namespace, replicas: 1 },
      { clock: systemClock, random: systemRandom, telemetry: silent, instance },
    );
}
