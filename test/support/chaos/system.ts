/**
 * A whole system that can be hurt anywhere: a PostgreSQL and a broker of its own, every module twice where two may
 * share the work, institution and merchant, each in a process that can be killed and started again.
 */
import { connect, type Database } from "../../../adapters/store/postgres/database.js";
import type { BusKind } from "../buses.js";
import { Cluster } from "../cluster.js";
import { startNatsServer } from "../nats-server.js";
import type { OwnServer } from "../own-server.js";
import { startPostgresServer } from "../postgres-server.js";
import { startRabbitmqServer } from "../rabbitmq-server.js";

/** Something that dies and is started again. */
export interface Victim {
  readonly name: string;
  kill(): Promise<void>;
  up(): Promise<void>;
}

export interface ChaosSystem {
  readonly cluster: Cluster;
  readonly database: Database;
  /** Of this product. */
  readonly modules: readonly Victim[];
  /** The world outside: the institution, the merchant. */
  readonly outside: readonly Victim[];
  /** What everything rests on: the database, the broker. */
  readonly servers: readonly Victim[];
  stop(): Promise<void>;
}

const modules = [
  ["bridge"],
  ["flow"],
  ["flow", "notify"],
  ["channel:simulator"],
  ["channel:simulator", "feed"],
  ["scheduler", "notify"],
];

const startBroker: Readonly<Record<BusKind["name"], (() => Promise<OwnServer>) | undefined>> = {
  PostgreSQL: undefined,
  RabbitMQ: startRabbitmqServer,
  "NATS JetStream": startNatsServer,
};

/** The shipped waits, in seconds instead of minutes; and merchants who die are told more often. */
const hurried = (text: string): string =>
  text
    .replace('"timeoutMs": [1000, 2000, 5000, 15000, 60000, 300000]', '"timeoutMs": [500, 1000, 2000, 3000]')
    .replace('"timeoutMs": [5000, 10000, 30000, 60000, 120000]', '"timeoutMs": [2000, 3000, 5000]')
    .replace('"timeoutMs": [120000, 120000]', '"timeoutMs": [1000, 4000]')
    .replace('"entriesMax": 3,', '"entriesMax": 20,');

const victim = (name: string, server: OwnServer): Victim => ({
  name,
  kill: () => server.kill(),
  up: () => server.start(),
});

export async function startChaosSystem(bus: BusKind["name"]): Promise<ChaosSystem> {
  const owned: OwnServer[] = [];
  try {
    const postgres = await startPostgresServer();
    owned.push(postgres);
    const broker = await startBroker[bus]?.();
    if (broker) owned.push(broker);
    const settings = broker ? { VALENCE_BUS_URL: broker.url } : {};
    const cluster = await Cluster.start(postgres.url, modules, new Map(), settings, hurried);
    const database = connect({
      ...{ url: postgres.url, embedded: false, applicationName: "test", connectionsMax: 2 },
    });
    const part = (name: string): Victim => ({
      name,
      kill: () => cluster.kill(name),
      up: () => cluster.up(name),
    });
    return {
      cluster,
      database,
      modules: modules.map((names) => part(names.join("+"))),
      outside: ["simulator", "merchant"].map(part),
      servers: [victim("PostgreSQL", postgres), ...(broker ? [victim(bus, broker)] : [])],
      stop: async () => {
        await database.close();
        await cluster.stop();
        for (const server of owned.reverse()) await server.stop();
      },
    };
  } catch (error) {
    for (const server of owned.reverse()) await server.stop();
    throw error;
  }
}
