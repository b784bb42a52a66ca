/** What `valence doctor` asks of the database. Reads only, and nothing that waits for a lock. */
import { limits } from "../../../engine/limits.js";
import type { Check } from "../../../engine/ports/check.js";
import type { Sql } from "./database.js";
import { missingMigrations } from "./migrate.js";

export interface DatabaseCheckOptions {
  readonly embedded: boolean;
  /** Connections one process of this configuration may open. */
  readonly connectionsMax: number;
  /** Epoch milliseconds here. */
  readonly nowMs: () => number;
}

const serverVersionMin = 150_000;
/** The journal needs partitions for at least this many days ahead; the scheduler makes seven. */
const partitionDaysMin = 2;

interface Server {
  readonly version: number;
  readonly text: string;
  readonly fsync: string;
  readonly synchronousCommit: string;
  readonly fullPageWrites: string;
  readonly connections: number;
  readonly connectionsMax: number;
  readonly nowMs: number;
}

/** @throws BatchError when the database cannot be asked */
export async function databaseChecks(sql: Sql, options: DatabaseCheckOptions): Promise<readonly Check[]> {
  const askedMs = options.nowMs();
  const [server] = await sql.query<Server>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as text,
       current_setting('fsync') as fsync, current_setting('synchronous_commit') as "synchronousCommit",
       current_setting('full_page_writes') as "fullPageWrites",
       (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as connections,
       current_setting('max_connections')::int as "connectionsMax",
       (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"`,
  );
  if (!server) return [];
  const roundTripMs = options.nowMs() - askedMs;
  const checks = [
    versionCheck(server),
    clockCheck(server.nowMs - (askedMs + roundTripMs / 2), roundTripMs),
    ...(options.embedded ? [] : [connectionsCheck(server, options.connectionsMax)]),
    durabilityCheck(server, options.embedded),
  ];
  const missing = await missingMigrations(sql);
  if (missing.length > 0) {
    const next = "start any module: it migrates; nothing is lost by it";
    return [...checks, { name: "schema", state: "fail", detail: `missing: ${missing.join(", ")}`, next }];
  }
  return [
    ...checks,
    ok("schema", "matches this build"),
    await partitionsCheck(sql),
    ...(await workChecks(sql)),
  ];
}

const ok = (name: string, detail: string): Check => ({ name, state: "ok", detail });

function versionCheck({ version, text }: Server): Check {
  if (version >= serverVersionMin) return ok("database version", `PostgreSQL ${text}`);
  return {
    name: "database version",
    state: "fail",
    detail: `PostgreSQL ${text}`,
    next: "PostgreSQL 15 or later is needed",
  };
}

function clockCheck(skewMs: number, roundTripMs: number): Check {
  const detail = `${Math.round(skewMs)} ms between here and the database (measured within ${roundTripMs} ms)`;
  if (Math.abs(skewMs) - roundTripMs / 2 <= limits.clockSkewMsMax) return ok("clock", detail);
  const next = `set the clocks of both hosts (NTP); ${limits.clockSkewMsMax} ms are allowed for`;
  return { name: "clock", state: "fail", detail, next };
}

function connectionsCheck({ connections, connectionsMax }: Server, own: number): Check {
  const detail = `${connections} of ${connectionsMax} in use; one more process takes up to ${own + 4}`;
  if (connections + own + 4 <= connectionsMax) return ok("connections", detail);
  const next = "raise max_connections of the server, or lower database.connectionsMax";
  return { name: "connections", state: "warn", detail, next };
}

/** How far "durable" reaches is said, not assumed. */
function durabilityCheck(server: Server, embedded: boolean): Check {
  const name = "durability";
  if (embedded) {
    return ok(
      name,
      "kill -9 safe; power-loss safe: no, because the embedded database does not fsync its files (use --database for that)",
    );
  }
  const off = [
    ...(server.fsync === "on" ? [] : ["fsync"]),
    ...(server.fullPageWrites === "on" ? [] : ["full_page_writes"]),
    ...(server.synchronousCommit === "off" ? ["synchronous_commit"] : []),
  ];
  if (off.length === 0) return ok(name, "kill -9 safe; power-loss safe: yes, every commit is fsynced");
  return {
    name,
    state: off.includes("synchronous_commit") ? "fail" : "warn",
    detail: `kill -9 of our processes is safe; power-loss safe: no, because ${off.join(", ")} is off`,
    next: `switch ${off.join(", ")} on in postgresql.conf before real money`,
  };
}

/** Days after today for which the journal has partitions; -1 when there is not even today's. */
export async function journalDaysAhead(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ days: number }>(
    `select count(*)::int as days from generate_series(current_date, current_date + 7, interval '1 day') day
     where to_regclass('core.journal_' || to_char(day, 'YYYYMMDD')) is not null`,
  );
  return (row?.days ?? 0) - 1;
}

async function partitionsCheck(sql: Sql): Promise<Check> {
  const days = await journalDaysAhead(sql);
  const detail = `${Math.max(0, days)} days ahead`;
  if (days >= partitionDaysMin) return ok("journal partitions", detail);
  const next = "start the scheduler module, which makes them; without today's partition nothing commits";
  return { name: "journal partitions", state: days < 0 ? "fail" : "warn", detail, next };
}

export async function parkedRuns(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    "select count(*)::int as count from core.runs where state = 'parked'",
  );
  return row?.count ?? 0;
}

/** Work that waits for a person. */
async function workChecks(sql: Sql): Promise<readonly Check[]> {
  const [row] = await sql.query<{ parked: number; dead: number; queue: string | null; runId: string | null }>(
    `select (select count(*) from core.runs where state = 'parked')::int as parked,
       (select run_id from core.runs where state = 'parked' order by updated_at limit 1) as "runId",
       (select count(*) from bus.dead_letters)::int as dead,
       (select queue from bus.dead_letters order by died_at limit 1) as queue`,
  );
  const { parked = 0, dead = 0, queue, runId } = row ?? {};
  const waiting = (name: string, count: number, next: string): Check =>
    count === 0 ? ok(name, "none") : { name, state: "warn", detail: String(count), next };
  return [
    waiting("parked runs", parked, `a person decides each; the oldest is run ${runId ?? ""}`),
    waiting(
      "dead letters",
      dead,
      `valence queue dead ${queue ?? ""}, mend the cause, then valence queue replay`,
    ),
  ];
}
