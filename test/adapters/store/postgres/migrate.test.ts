import assert from "node:assert/strict";
import type pg from "pg";
import { connect } from "../../../../adapters/store/postgres/database.js";
import { migrate, missingMigrations } from "../../../../adapters/store/postgres/migrate.js";
import { migrations } from "../../../../adapters/store/postgres/migrations/index.js";
import { until } from "../../../contract/world.js";
import { emptyDatabase, onServer, type TestDatabase } from "../../../support/postgres.js";

const all = migrations.map(({ name }) => name);

describe("migrations", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await emptyDatabase();
  });
  afterEach(() => database.drop());

  const missing = async (): Promise<readonly string[]> => {
    const connection = connect({ ...database, applicationName: "test", connectionsMax: 1 });
    try {
      return await missingMigrations(connection.pool);
    } finally {
      await connection.close();
    }
  };

  it("run once, and say what they ran and what is missing", async () => {
    assert.deepEqual(await missing(), all);
    assert.deepEqual(await migrate(database), all);
    assert.deepEqual(await missing(), []);
    assert.deepEqual(await migrate(database), []);
  });

  it("started by four at once run once, and all four succeed", async () => {
    const ran = await Promise.all([1, 2, 3, 4].map(() => migrate(database)));
    assert.deepEqual(
      ran.filter((names) => names.length > 0),
      [all],
    );
    assert.deepEqual(await missing(), []);
  });

  it("killed in the middle leave nothing, and the next one runs them", async () => {
    // Two connections: within a transaction the activity of others is seen as it was at first sight.
    const watcher = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => onServer(database.url, work);
    await onServer(database.url, async (client) => {
      // Somebody else makes a schema of the same name, so that the migration stands in the middle and waits.
      await client.query("begin; create schema config");
      const killed = assert.rejects(migrate(database));
      const { rows: own } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
      const others = `from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
        and pid not in (pg_backend_pid(), ${own[0]!.pid})`;
      await until("the migration waits", () =>
        watcher(async (other) => {
          const { rows } = await other.query(`select 1 ${others} and wait_event_type = 'Lock'`);
          return rows.length > 0;
        }),
      );
      await watcher((other) => other.query(`select pg_terminate_backend(pid) ${others}`));
      await killed;
      await client.query("rollback");
    });
    assert.deepEqual(await missing(), all);
    assert.deepEqual(await migrate(database), all);
    assert.deepEqual(await missing(), []);
  });

  it("a lock that a dead process of another kind left behind is no obstacle", async () => {
    await migrate(database);
    await onServer(database.url, async (client: pg.Client) => {
      await client.query("update valence_migrations_lock set is_locked = 1");
      await client.query("drop schema core, bus, edge, config, report cascade");
      await client.query("delete from valence_migrations");
    });
    assert.deepEqual(await migrate(database), all);
  });
});
