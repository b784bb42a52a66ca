/**
 * Databases for tests: migrated, empty, one for whoever asks. PostgreSQL means the server of TEST_POSTGRES_URL, PGlite
 * a temporary folder. Both are migrated once per test process and copied from there.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbedded } from "../../adapters/store/postgres/embedded.js";
import { migrate } from "../../adapters/store/postgres/migrate.js";
import { verifying } from "./buses.js";

export interface TestDatabase {
  readonly url: string;
  readonly embedded: boolean;
  /** Nothing of it remains. Whoever is still connected to it is thrown out. */
  drop(): Promise<void>;
}

/** The server's URL. @throws Error that names the variable to set. */
export function serverUrl(): string {
  const url = process.env["TEST_POSTGRES_URL"];
  if (!url) {
    throw new Error(
      "TEST_POSTGRES_URL is not set: it names the PostgreSQL to test with. `npm test` sets it; by hand: " +
        "scripts/services up postgres && eval $(scripts/services env)",
    );
  }
  return url;
}

/** One connection for one piece of work. */
export async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  // A test that ends connections ends this one, too.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const query = (url: string, text: string): Promise<unknown> => onServer(url, (client) => client.query(text));

function urlOf(name: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.href;
}

const prefix = `valence_test_${process.pid}_${Date.now().toString(36)}`;
let count = 0;

async function create(template: string | undefined): Promise<TestDatabase> {
  const name = `${prefix}_${count++}`;
  await query(serverUrl(), `create database ${name} template ${template ?? "template0"}`);
  return {
    url: urlOf(name),
    embedded: false,
    drop: async () => void (await query(serverUrl(), `drop database if exists ${name} with (force)`)),
  };
}

/** A database of the server without any schema. */
export const emptyDatabase = (): Promise<TestDatabase> => create(undefined);

let template: Promise<TestDatabase> | undefined;
async function makeTemplate(): Promise<TestDatabase> {
  const database = await emptyDatabase();
  await migrate(database);
  return database;
}

/** A migrated database of the server. */
export async function freshDatabase(): Promise<TestDatabase> {
  const { url } = await (template ??= makeTemplate());
  return create(new URL(url).pathname.slice(1));
}

let folder: Promise<string> | undefined;
async function makeFolder(): Promise<string> {
  const made = mkdtempSync(join(tmpdir(), "valence-pglite-"));
  const database = await startEmbedded(made);
  await migrate({ url: database.url, embedded: true });
  await database.close();
  return made;
}

/** A migrated PGlite in a folder of its own. */
export async function freshEmbedded(): Promise<TestDatabase> {
  const source = await (folder ??= makeFolder());
  const own = mkdtempSync(join(tmpdir(), "valence-pglite-"));
  cpSync(source, own, { recursive: true });
  const { url, close } = await startEmbedded(own);
  return {
    url,
    embedded: true,
    drop: async () => {
      await close();
      rmSync(own, { recursive: true, force: true });
    },
  };
}

type Declare = (name: "PostgreSQL" | "PGlite", open: () => Promise<TestDatabase>) => void;

/** Declares the same suite for both. */
export function forEachDatabase(declare: Declare): void {
  declare("PostgreSQL", freshDatabase);
  declare("PGlite", freshEmbedded);
}

/** For statements that stand beside the contracts: on PGlite, which takes its time, in the full matrix alone. */
export function forEachDatabaseInVerify(declare: Declare): void {
  if (verifying) return forEachDatabase(declare);
  declare("PostgreSQL", freshDatabase);
}

after("remove the templates", async () => {
  // What could not be made has been reported by the test that asked for it.
  await (await template?.catch(() => undefined))?.drop();
  const made = await folder?.catch(() => undefined);
  if (made !== undefined) rmSync(made, { recursive: true, force: true });
});
