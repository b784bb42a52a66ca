/** A database of its own for one measurement, on the server the tests use. */
import pg from "pg";

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** Nothing of it remains. @throws Error when TEST_POSTGRES_URL names no server */
export async function withDatabase<T>(prefix: string, work: (url: string) => Promise<T>): Promise<T> {
  const server = process.env["TEST_POSTGRES_URL"];
  if (server === undefined) throw new Error("TEST_POSTGRES_URL is not set; npm run sets it");
  const name = `${prefix}_${process.pid}_${Date.now().toString(36)}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  try {
    return await work(url.href);
  } finally {
    await onServer(server, `drop database ${name} with (force)`);
  }
}
