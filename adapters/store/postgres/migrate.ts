/** Brings the schema to this build's version through knex, one process at a time. Most processes find nothing to do, and load no knex. */
import type { Knex } from "knex";
import { migrations, type Migration } from "./migrations/index.js";
import { ValenceError } from "../../../engine/errors.js";
import { BatchError } from "../../../engine/ports/store.js";
import type { Sql } from "./database.js";
import { classify } from "./failure.js";

/** Arbitrary, but the same in every release: the advisory lock that serialises migrating processes. */
const lockKey = 7_206_251;

const source = {
  getMigrations: () => Promise.resolve([...migrations]),
  getMigrationName: (migration: Migration) => migration.name,
  getMigration: (migration: Migration) =>
    Promise.resolve({
      up: async (schema: Knex) => {
        await schema.raw(migration.sql);
      },
      down: () => Promise.reject(new Error("migrations go forward only")),
    }),
};

export interface MigrateOptions {
  /** A `postgres://` URL. */
  readonly url: string;
  /** PGlite has one session and one process: no lock to take, none to leave behind. */
  readonly embedded: boolean;
}

/**
 * Runs what is missing; resolves with the names of the migrations it ran. A process killed in the middle leaves
 * nothing: each migration is one database transaction, and the advisory lock dies with its connection.
 * @throws ValenceError `database_unreachable`
 */
export async function migrate({ url, embedded }: MigrateOptions): Promise<readonly string[]> {
  const { default: knex } = await import("knex");
  const db = knex({
    client: "pg",
    connection: url,
    // One connection: the advisory lock and, in PGlite, everything else lives in one session.
    pool: { min: 1, max: embedded ? 1 : 2 },
    // What fails is thrown; knex would also print it, with the whole script.
    log: {
      warn: () => undefined,
      error: () => undefined,
      deprecate: () => undefined,
      debug: () => undefined,
    },
    migrations: { migrationSource: source, tableName: "valence_migrations" },
  });
  try {
    if (embedded) return await run(db);
    return await db.transaction(async (lock) => {
      await lock.raw("select pg_advisory_xact_lock(?)", [lockKey]);
      return run(db);
    });
  } catch (error) {
    const failure = classify(error);
    if (failure instanceof BatchError && failure.kind === "unreachable")
      throw new ValenceError("database_unreachable", reasonOf(error), { cause: error });
    throw error;
  } finally {
    await db.destroy();
  }
}

/** Node reports a host with several addresses as several errors, and says nothing itself. */
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError && error.message === ""
    ? error.errors.map((each: unknown) => String((each as Error).message)).join("; ")
    : (error as Error).message;

async function run(db: Knex): Promise<readonly string[]> {
  // Ours is the only process here, so knex's own lock can only be the remains of one that died.
  if (await db.schema.hasTable("valence_migrations_lock")) await db.migrate.forceFreeMigrationsLock();
  const [, ran] = (await db.migrate.latest()) as [number, string[]];
  return ran;
}

/** Names this build has that the database lacks; used by processes that may not migrate, and by `doctor`. */
export async function missingMigrations(sql: Sql): Promise<readonly string[]> {
  const table = await sql.query<{ found: boolean }>(
    "select to_regclass('valence_migrations') is not null as found",
  );
  if (!table[0]?.found) return migrations.map(({ name }) => name);
  const rows = await sql.query<{ name: string }>("select name from valence_migrations");
  const present = new Set(rows.map(({ name }) => name));
  return migrations.map(({ name }) => name).filter((name) => !present.has(name));
}
