/** Databases of their own for measurements, on the server the tests use. */
import pg from "pg";

/** @throws Error when TEST_POSTGRES_URL names no server */
function serverUrl(): string {
  const server = process.env["TEST_POSTGRES_URL"];
  if (server === undefined) throw new Error("TEST_POSTGRES_URL is not set; npm run sets it");
  return server;
}

/** One connection for one piece of work. */
export async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: "bench" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const onServer = (statement: string): Promise<unknown> =>
  onDatabase(serverUrl(), (client) => client.query(statement));

function urlOf(name: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.href;
}

/** @returns its URL */
export async function createDatabase(name: string): Promise<string> {
  await onServer(`create database ${pg.escapeIdentifier(name)}`);
  return urlOf(name);
}

export async function dropDatabase(name: string): Promise<void> {
  await onServer(`drop database ${pg.escapeIdentifier(name)} with (force)`);
}

/** The URL of a database that somebody has left; undefined when there is none of that name. */
export const findDatabase = (name: string): Promise<string | undefined> =>
  onDatabase(serverUrl(), async (client) => {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    return rowCount === 0 ? undefined : urlOf(name);
  });

/** A name nobody else has. */
export const freshName = (prefix: string): string => `${prefix}_${process.pid}_${Date.now().toString(36)}`;

/** Nothing of it remains. */
export async function withDatabase<T>(prefix: string, work: (url: string) => Promise<T>): Promise<T> {
  const name = freshName(prefix);
  const url = await createDatabase(name);
  try {
    return await work(url);
  } finally {
    await dropDatabase(name);
  }
}
