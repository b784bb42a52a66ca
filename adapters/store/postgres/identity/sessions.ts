/** Sessions as rows; everything about them that must stand in somebody's transaction. */
import type { NewSession, Session, SessionLimits } from "../../../../engine/ports/index.js";
import type { Sql } from "../database.js";
import { userColumns, type UserRow, userOf } from "./rows.js";

/** Milliseconds as a time. */
export const time = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;

/** Old ones go when new ones come: a day is more than any session may last. */
const keptFor = "interval '1 day'";

export async function insertSession(
  sql: Sql,
  name: string,
  { tokenHash, csrf, address, atMs }: NewSession,
  byLink: boolean,
): Promise<void> {
  await sql.query(`delete from config.sessions where created_at < ${time("$1")} - ${keptFor}`, [atMs]);
  await sql.query(
    `insert into config.sessions (token_hash, csrf, user_name, by_link, address, created_at, last_active_at)
     values ($1, $2, $3, $4, $5, ${time("$6")}, ${time("$6")})`,
    [tokenHash, csrf, name, byLink, address, atMs],
  );
  await sql.query(`update config.users set last_login_at = ${time("$2")} where name = $1`, [name, atMs]);
}

export async function endSessionsOf(sql: Sql, name: string): Promise<void> {
  await sql.query("delete from config.sessions where user_name = $1", [name]);
}

interface SessionRow extends UserRow {
  readonly csrf: string;
  readonly byLink: boolean;
  readonly lastActiveAtMs: number;
}

export async function readSession(
  sql: Sql,
  tokenHash: string,
  { idleMsMax, ageMsMax }: SessionLimits,
  atMs: number,
): Promise<Session | undefined> {
  const [row] = await sql.query<SessionRow>(
    `select ${userColumns}, s.csrf, s.by_link as "byLink",
       (extract(epoch from s.last_active_at) * 1000)::bigint as "lastActiveAtMs"
     from config.sessions s join config.users u on u.name = s.user_name
     where s.token_hash = $1 and u.status = 'active'
       and s.last_active_at > ${time("$2")} and s.created_at > ${time("$3")}`,
    [tokenHash, atMs - idleMsMax, atMs - ageMsMax],
  );
  if (!row) return undefined;
  const { csrf, byLink, lastActiveAtMs } = row;
  return { user: userOf(row), csrf, byLink, lastActiveAtMs };
}
