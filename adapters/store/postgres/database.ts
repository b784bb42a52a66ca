/**
 * Connections. A real PostgreSQL gets a pool for reads and dedicated connections for the hot loops (commit, claim,
 * listen); the embedded one is a single session, so everything shares one connection and a transaction holds the
 * others back.
 */
import { Client, Pool, type ClientBase, type PoolClient, types } from "pg";
import { limits } from "../../../engine/limits.js";
import { BatchError } from "../../../engine/ports/store.js";
import { classify } from "./failure.js";

// Money and counters are int8 and stay within 2^53 by a check in the dictionary.
types.setTypeParser(types.builtins.INT8, Number);
// A date is a day, not a moment in some time zone.
types.setTypeParser(types.builtins.DATE, (text) => text);

/**
 * A network that swallows packets closes nothing. After this long without an answer a hot loop gives its connection
 * up and treats the statement as lost; its leases end at about the same time. Milliseconds.
 */
const answerMsMax = limits.leaseMs;
/** When the operating system begins to ask whether a silent peer still lives. Its own default is two hours. */
const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

export type SqlRow = Record<string, unknown>;

export interface Sql {
  /** Named statements are prepared once per connection. @throws BatchError (see `failure.ts`) */
  query<R = SqlRow>(text: string, values?: readonly unknown[], name?: string): Promise<readonly R[]>;
  /** Nothing may be awaited inside but the database. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

export interface Database {
  readonly embedded: boolean;
  /** For reads and rare writes. */
  readonly pool: Sql;
  /** A connection of its own, re-opened when it breaks; `setup` runs on every new one. */
  dedicated(purpose: string, setup?: readonly string[]): Sql;
  /** Notifications of other processes; undefined where there are none. */
  listen(channel: string, listener: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

async function run<R>(
  client: ClientBase | Pool,
  text: string,
  values: readonly unknown[],
  name?: string,
): Promise<readonly R[]> {
  try {
    const result = await client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) });
    return result.rows as R[];
  } catch (error) {
    throw classify(error);
  }
}

const onClient = (client: ClientBase): Sql => ({
  query: (text, values = [], name) => run(client, text, values, name),
  transaction: () => Promise.reject(new Error("a transaction cannot be nested")),
});

async function inTransaction<T>(client: ClientBase, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = onClient(client);
  await sql.query("begin");
  try {
    const value = await work(sql);
    await sql.query("commit");
    return value;
  } catch (error) {
    await sql.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** One connection that is opened on first use and again after it broke. Work on it is serialised. */
class SingleConnection implements Sql {
  #client: Promise<Client> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly url: string,
    private readonly applicationName: string,
    private readonly setup: readonly string[],
  ) {}

  query<R>(text: string, values: readonly unknown[] = [], name?: string): Promise<readonly R[]> {
    return this.#exclusive((client) => run<R>(client, text, values, name));
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#exclusive((client) => inTransaction(client, work));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn.catch(() => undefined);
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  #exclusive<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      const opened = this.#open();
      try {
        return await work(await opened);
      } catch (error) {
        // The server says that it closes before the socket does: what comes next must not be sent into it.
        if (error instanceof BatchError && error.kind === "lost") this.#drop(opened);
        throw error;
      }
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Forgets this connection and no later one: the end of an old socket may be heard when a new one is in use. */
  #drop(opened: Promise<Client>): void {
    if (this.#client !== opened) return;
    this.#client = undefined;
    void opened.then((client) => client.end()).catch(() => undefined);
  }

  #open(): Promise<Client> {
    if (this.#closed) return Promise.reject(classify(new Error("the connection was closed"), "connecting"));
    if (this.#client) return this.#client;
    const opened: Promise<Client> = this.#connect(() => {
      this.#drop(opened);
    }).catch((error: unknown) => {
      if (this.#client === opened) this.#client = undefined;
      throw classify(error, "connecting");
    });
    this.#client = opened;
    return opened;
  }

  async #connect(broken: () => void): Promise<Client> {
    const client = new Client({
      connectionString: this.url,
      application_name: this.applicationName,
      connectionTimeoutMillis: 5_000,
      query_timeout: answerMsMax,
      ...keepAlive,
    });
    client.on("error", broken);
    client.on("end", broken);
    try {
      await client.connect();
      for (const statement of this.setup) await client.query(statement);
      return client;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }
}

export interface ConnectOptions {
  readonly url: string;
  readonly embedded: boolean;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly connectionsMax: number;
}

/** Settings of the embedded session serve every purpose at once, so they are all applied when it opens. */
export function connect(options: ConnectOptions, embeddedSetup: readonly string[] = []): Database {
  return options.embedded ? embeddedDatabase(options, embeddedSetup) : serverDatabase(options);
}

function embeddedDatabase({ url, applicationName }: ConnectOptions, setup: readonly string[]): Database {
  const only = new SingleConnection(url, applicationName, setup);
  return {
    embedded: true,
    pool: only,
    dedicated: () => only,
    listen: () => Promise.resolve(() => Promise.resolve()),
    close: () => only.close(),
  };
}

function serverDatabase({ url, applicationName, connectionsMax }: ConnectOptions): Database {
  const pool = new Pool({
    connectionString: url,
    application_name: applicationName,
    max: connectionsMax,
    connectionTimeoutMillis: 5_000,
    ...keepAlive,
  });
  // An idle connection that breaks is replaced on next use; without a listener it would crash the process.
  pool.on("error", () => undefined);
  const own: { close(): Promise<void> }[] = [];
  return {
    embedded: false,
    pool: {
      query: (text, values = [], name) => run(pool, text, values, name),
      transaction: async (work) => {
        const client: PoolClient = await pool.connect().catch((error: unknown) => {
          throw classify(error, "connecting");
        });
        let broken: Error | undefined;
        const onError = (error: Error): void => {
          broken = error;
        };
        // The pool listens only while a connection is idle; one that breaks in use would crash the process.
        client.on("error", onError);
        try {
          return await inTransaction(client, work);
        } finally {
          client.off("error", onError);
          client.release(broken);
        }
      },
    },
    dedicated: (purpose, setup = []) => {
      const connection = new SingleConnection(url, `${applicationName} ${purpose}`, setup);
      own.push(connection);
      return connection;
    },
    listen: async (channel, listener) => {
      const ear = new Ear(url, `${applicationName} listen`, channel, listener);
      own.push(ear);
      await ear.open();
      return () => ear.close();
    },
    close: async () => {
      await Promise.all(own.map((connection) => connection.close()));
      await pool.end();
    },
  };
}

/** Keeps one LISTEN alive. What is notified while it is away is lost, which is what broadcast promises. */
class Ear {
  #client: Client | undefined;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly url: string,
    private readonly applicationName: string,
    private readonly channel: string,
    private readonly listener: (payload: string) => void,
  ) {}

  async open(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      application_name: this.applicationName,
      connectionTimeoutMillis: 5_000,
      ...keepAlive,
    });
    client.on("notification", ({ payload }) => {
      if (payload !== undefined) this.listener(payload);
    });
    client.on("error", () => undefined);
    client.on("end", () => {
      this.#again();
    });
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(this.channel)}`);
      this.#client = client;
    } finally {
      // Closed meanwhile, or deaf: either way this connection is of no use to anybody.
      if (this.#closed || this.#client !== client) await client.end().catch(() => undefined);
    }
  }

  #again(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.open().catch(() => {
        this.#again();
      });
    }, 500);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
  }
}
