/**
 * PGlite, PostgreSQL in WebAssembly, behind a socket that only this user can reach, so that the same `pg` and `knex`
 * code runs on it. One session for everything: see `database.ts`.
 *
 * Durability: what is committed survives kill -9, because the files are written; it does not survive a power loss,
 * because they are not fsynced. `valence doctor` says so.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

export interface EmbeddedDatabase {
  readonly url: string;
  close(): Promise<void>;
}

/** The caller holds the lock of the data directory. */
export async function startEmbedded(dataDir: string): Promise<EmbeddedDatabase> {
  const db = await PGlite.create({ dataDir: join(dataDir, "postgres") });
  // A Unix socket path may have 107 bytes and a data directory may lie deep, so it gets a private folder of its own.
  const folder = await mkdtemp(join(tmpdir(), "valence-"));
  const server = new PGLiteSocketServer({ db, path: join(folder, ".s.PGSQL.5432"), maxConnections: 4 });
  await server.start();
  return {
    url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    close: async () => {
      await server.stop();
      await db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
