/** Processes whose messages are on a broker beside the test database, joined as compose joins them. */
import { RelayedBus } from "../../engine/relay/relayed-bus.js";
import type { Broker } from "../../engine/ports/broker.js";
import { silent, type Telemetry } from "../../engine/ports/telemetry.js";
import { lettersBeside } from "../../adapters/store/postgres/dead-letters.js";
import { connect } from "../../adapters/store/postgres/database.js";
import { PostgresOutbox } from "../../adapters/store/postgres/outbox.js";
import { commitSetup } from "../../adapters/store/postgres/statement.js";
import { systemClock, systemRandom } from "../../adapters/system/clock.js";
import type { World } from "../contract/world.js";
import type { TestDatabase } from "./postgres.js";
import { joined, type OpenedProcess } from "./postgres-world.js";

export interface RelayedProcess extends OpenedProcess {
  readonly bus: RelayedBus;
  readonly broker: Broker;
}

/** Long enough that a test sees a message waiting, short enough to wait for it. */
const collectEveryMs = 50;

export async function openRelayed(
  { url, embedded }: Pick<TestDatabase, "url" | "embedded">,
  createBroker: (instance: string) => Promise<Broker>,
  telemetry: Telemetry = silent,
): Promise<RelayedProcess> {
  const instance = systemRandom.id();
  const database = connect(
    { url, embedded, applicationName: `test ${instance}`, connectionsMax: 4 },
    commitSetup,
  );
  const sql = database.pool;
  const shared = { database, clock: systemClock, telemetry, instance };
  const broker = await createBroker(instance);
  const bus = new RelayedBus({
    ...shared,
    random: systemRandom,
    broker,
    outbox: new PostgresOutbox(sql, instance),
    letters: lettersBeside(sql),
    collectEveryMs,
  });
  const process = await joined(shared, bus, { table: "outbox", column: "due_at" });
  // Only the living keep what they have in the outbox.
  await process.tamper.beat(instance, -3_600_000);
  return { ...process, bus, broker };
}

/** A world on a database of its own; processes still open when it is dropped are closed. */
export async function relayedWorld(
  open: () => Promise<TestDatabase>,
  createBroker: (instance: string) => Promise<Broker>,
): Promise<World & { readonly database: TestDatabase; open(): Promise<RelayedProcess> }> {
  const database = await open();
  const opened: RelayedProcess[] = [];
  return {
    database,
    open: async () => {
      const process = await openRelayed(database, createBroker);
      opened.push(process);
      return process;
    },
    drop: async () => {
      await Promise.all(opened.map((process) => process.close()));
      await database.drop();
    },
  };
}
