/** Processes on a test database: store and bus as compose joins them. */
import { PostgresBus } from "../../adapters/bus/postgres/bus.js";
import { operatorActionsTable } from "../../adapters/http/admin/tables.js";
import { noncesTable } from "../../adapters/http/bridge/tables.js";
import { connect, type Database } from "../../adapters/store/postgres/database.js";
import { PostgresModuleRegistry } from "../../adapters/store/postgres/module-registry.js";
import { commitSetup } from "../../adapters/store/postgres/statement.js";
import { PostgresStore } from "../../adapters/store/postgres/store.js";
import { deadLettersTable } from "../../adapters/store/postgres/tables.js";
import { systemClock, systemRandom } from "../../adapters/system/clock.js";
import { domainTables } from "../../atoms/tables.js";
import type { Bus, CommitDesk } from "../../engine/ports/bus.js";
import type { Clock } from "../../engine/ports/clock.js";
import type { TableSpec } from "../../engine/ports/store.js";
import { silent, type Telemetry } from "../../engine/ports/telemetry.js";
import { engineTables } from "../../engine/runtime/tables.js";
import type { TestProcess, World } from "../contract/world.js";
import type { TestDatabase } from "./postgres.js";

/** Every table that units of work write, as compose hands them to the store. */
export const allTables: readonly TableSpec[] = [
  ...engineTables,
  ...domainTables,
  deadLettersTable,
  noncesTable,
  operatorActionsTable,
];

export interface OpenedProcess extends TestProcess {
  readonly database: Database;
  readonly store: PostgresStore;
}

export interface PostgresProcess extends OpenedProcess {
  readonly bus: PostgresBus;
}

export interface ProcessOptions {
  readonly pollIdleMs?: number;
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
}

/** Long enough that nothing in a test happens because somebody happened to look. */
const neverPollMs = 60_000;

export async function openProcess(
  { url, embedded }: Pick<TestDatabase, "url" | "embedded">,
  { pollIdleMs = neverPollMs, clock = systemClock, telemetry = silent }: ProcessOptions = {},
): Promise<PostgresProcess> {
  const instance = systemRandom.id();
  const database = connect(
    { url, embedded, applicationName: `test ${instance}`, connectionsMax: 4 },
    commitSetup,
  );
  const shared = { database, clock, telemetry, instance };
  const bus = new PostgresBus({ ...shared, random: systemRandom, pollIdleMs });
  return { ...(await joined(shared, bus, { table: "messages", column: "visible_at" })), bus };
}

/** Store and bus of one process, opened; `delayed` says where messages wait for their time. */
export async function joined<B extends Bus & CommitDesk & { open(): Promise<void>; close(): Promise<void> }>(
  shared: {
    readonly database: Database;
    readonly clock: Clock;
    readonly telemetry: Telemetry;
    readonly instance: string;
  },
  bus: B,
  delayed: { readonly table: string; readonly column: string },
): Promise<OpenedProcess> {
  const { database, instance } = shared;
  const store = new PostgresStore({ ...shared, tables: allTables, desk: bus });
  await store.ensurePartitions(1);
  const sql = database.pool;
  const beat = async (of: string, agoMs: number): Promise<void> => {
    const module = { module: "test", host: "test", pid: 1, pidSpace: "", startedTicks: "", version: "0" };
    await new PostgresModuleRegistry(sql).register([{ instance: of, ...module, queues: [], atoms: {} }]);
    await sql.query(
      "update core.modules set beat_at = now() - $2 * interval '1 millisecond' where instance = $1",
      [of, agoMs],
    );
  };
  await bus.open();
  let closed: Promise<void> | undefined;
  return {
    instance,
    database,
    store,
    bus,
    tamper: {
      visibleIn: async (messageId, delayMs) => {
        await sql.query(
          `update bus.${delayed.table} set ${delayed.column} = now() + $2 * interval '1 millisecond'
           where message_id = $1`,
          [messageId, delayMs],
        );
      },
      visibleInMs: async (messageId) => {
        const [row] = await sql.query<{ ms: number }>(
          `select (extract(epoch from ${delayed.column} - now()) * 1000)::float8 as ms from bus.${delayed.table}
           where message_id = $1 order by 1 desc`,
          [messageId],
        );
        return row?.ms;
      },
      ageJournal: async (runId) => {
        await sql.query("update core.journal set at = at - interval '1 hour' where run_id = $1", [runId]);
      },
      beat,
    },
    close: () => (closed ??= bus.close().then(() => database.close())),
  };
}

/** A world on a database of its own; processes still open when it is dropped are closed. */
export async function postgresWorld(open: () => Promise<TestDatabase>): Promise<
  World & {
    readonly database: TestDatabase;
    open(options?: ProcessOptions): Promise<PostgresProcess>;
  }
> {
  const database = await open();
  const opened: PostgresProcess[] = [];
  return {
    database,
    open: async (options) => {
      const process = await openProcess(database, options);
      opened.push(process);
      return process;
    },
    drop: async () => {
      await Promise.all(opened.map((process) => process.close()));
      await database.drop();
    },
  };
}
