/** Users, their ways in and their sessions in the `config` schema; every change with its audit line in one commit. */
import type {
  Author,
  Credentials,
  IdentityStore,
  NewSession,
  Random,
  Session,
  SessionLimits,
  User,
  UserChange,
} from "../../../../engine/ports/index.js";
import { addAuditLine, type NewAuditLine } from "../audit.js";
import type { Sql } from "../database.js";
import { userColumns, userOf, type UserRow } from "./rows.js";
import { endSessionsOf, insertSession, readSession, time } from "./sessions.js";

const subject = (name: string): string => `user ${name}`;

export class PostgresIdentity implements IdentityStore {
  constructor(
    private readonly sql: Sql,
    private readonly random: Random,
  ) {}

  async users(): Promise<readonly User[]> {
    const rows = await this.sql.query<UserRow>(`select ${userColumns} from config.users u order by u.name`);
    return rows.map(userOf);
  }

  async credentials(name: string): Promise<Credentials | undefined> {
    const [row] = await this.sql.query<Credentials>(
      `select name, status, password_hash as "passwordHash", totp_secret as "totpSecret",
         totp_proposed as "totpProposed" from config.users where name = $1`,
      [name],
    );
    return row;
  }

  async ensureFirst(name: string): Promise<void> {
    await this.sql.transaction(async (sql) => {
      const made = await sql.query(
        `insert into config.users (name, role) select $1, 'super' where not exists (select 1 from config.users)
         on conflict do nothing returning 1`,
        [name],
      );
      if (made.length > 0)
        await this.#audit(sql, {
          ...{ who: "valence", action: "user.create", subject: subject(name), reason: "first start" },
          after: { role: "super", status: "active" },
        });
    });
  }

  createUser({ name, role }: Pick<User, "name" | "role">, by: Author): Promise<boolean> {
    return this.sql.transaction(async (sql) => {
      const made = await sql.query(
        "insert into config.users (name, role) values ($1, $2) on conflict do nothing returning 1",
        [name, role],
      );
      if (made.length === 0) return false;
      await this.#audit(sql, {
        ...{ who: by.author, action: "user.create", subject: subject(name), reason: by.reason },
        after: { role, status: "active" },
      });
      return true;
    });
  }

  changeUser(name: string, to: Partial<Pick<User, "role" | "status">>, by: Author): Promise<UserChange> {
    return this.sql.transaction(async (sql) => {
      // The administrators in one order, locked: two who lock each other at the same moment must not both succeed.
      const rows = await sql.query<Pick<User, "name" | "role" | "status">>(
        "select name, role, status from config.users where role = 'super' or name = $1 order by name for update",
        [name],
      );
      const before = rows.find((row) => row.name === name);
      if (!before) return "unknown";
      const after = { role: to.role ?? before.role, status: to.status ?? before.status };
      if (after.role === before.role && after.status === before.status) return "changed";
      const rules = (user: Pick<User, "role" | "status">): boolean =>
        user.role === "super" && user.status === "active";
      const others = rows.filter((row) => row.name !== name).some(rules);
      if (rules(before) && !rules(after) && !others) return "last-administrator";
      await sql.query("update config.users set role = $2, status = $3, changed_at = now() where name = $1", [
        name,
        after.role,
        after.status,
      ]);
      await endSessionsOf(sql, name);
      if (after.status === "locked")
        await sql.query("delete from config.login_links where user_name = $1", [name]);
      await this.#audit(sql, {
        ...{ who: by.author, action: "user.change", subject: subject(name), reason: by.reason },
        before: { role: before.role, status: before.status },
        after,
      });
      return "changed";
    });
  }

  putLink(
    name: string,
    { tokenHash, expiresAtMs }: { readonly tokenHash: string; readonly expiresAtMs: number },
    by: Author,
  ): Promise<boolean> {
    return this.sql.transaction(async (sql) => {
      const put = await sql.query(
        `insert into config.login_links as l (user_name, token_hash, expires_at)
         select name, $2, ${time("$3")} from config.users where name = $1 and status = 'active' for share
         on conflict (user_name) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at
         returning 1`,
        [name, tokenHash, expiresAtMs],
      );
      if (put.length === 0) return false;
      await this.#audit(sql, {
        ...{ who: by.author, action: "user.link", subject: subject(name), reason: by.reason },
        after: { expiresAt: new Date(expiresAtMs).toISOString() },
      });
      return true;
    });
  }

  openByLink(linkHash: string, session: NewSession): Promise<boolean> {
    return this.sql.transaction(async (sql) => {
      const [used] = await sql.query<{ name: string }>(
        `delete from config.login_links l using config.users u
         where l.token_hash = $1 and l.expires_at > ${time("$2")} and u.name = l.user_name and u.status = 'active'
         returning u.name`,
        [linkHash, session.atMs],
      );
      if (!used) return false;
      await insertSession(sql, used.name, session, true);
      await this.#loggedIn(sql, used.name, session.address, "one-time link");
      return true;
    });
  }

  openByPassword(
    name: string,
    { passwordHash, step }: { readonly passwordHash: string; readonly step?: number },
    session: NewSession,
  ): Promise<boolean> {
    return this.sql.transaction(async (sql) => {
      // Locks the row: whoever changes the user now ends this session, too, or is seen here.
      const found = await sql.query(
        `update config.users set totp_step = greatest(totp_step, $3) where name = $1 and status = 'active'
         and password_hash = $2 and (totp_secret is null) = ($4::bigint is null)
         and ($4::bigint is null or totp_step < $4) returning 1`,
        [name, passwordHash, step ?? 0, step ?? null],
      );
      if (found.length === 0) return false;
      await insertSession(sql, name, session, false);
      const how = step === undefined ? "password" : "password and code";
      await this.#loggedIn(sql, name, session.address, how);
      return true;
    });
  }

  session(tokenHash: string, limits: SessionLimits, atMs: number): Promise<Session | undefined> {
    return readSession(this.sql, tokenHash, limits, atMs);
  }

  async touch(tokenHash: string, atMs: number): Promise<void> {
    await this.sql.query(
      `update config.sessions set last_active_at = greatest(last_active_at, ${time("$2")}) where token_hash = $1`,
      [tokenHash, atMs],
    );
  }

  async close(tokenHash: string): Promise<void> {
    await this.sql.transaction(async (sql) => {
      const [closed] = await sql.query<{ name: string }>(
        "delete from config.sessions where token_hash = $1 returning user_name as name",
        [tokenHash],
      );
      if (closed)
        await this.#audit(sql, {
          ...{ who: closed.name, action: "session.end", subject: subject(closed.name), reason: "logged out" },
        });
    });
  }

  async refused({
    name,
    address,
    why,
  }: {
    readonly name?: string;
    readonly address: string;
    readonly why: string;
  }): Promise<void> {
    await this.#audit(this.sql, {
      ...{ who: name ?? "unknown", action: "session.refused", reason: why },
      subject: name === undefined ? "no user" : subject(name),
      after: { address },
    });
  }

  setPassword(name: string, hash: string, before: string | null, session: NewSession): Promise<boolean> {
    return this.sql.transaction(async (sql) => {
      const changed = await sql.query(
        `update config.users set password_hash = $2, changed_at = now()
         where name = $1 and password_hash is not distinct from $3 and status = 'active' returning 1`,
        [name, hash, before],
      );
      if (changed.length === 0) return false;
      await endSessionsOf(sql, name);
      await sql.query("delete from config.login_links where user_name = $1", [name]);
      await insertSession(sql, name, session, false);
      await this.#own(sql, name, "user.password", before === null ? "first password" : "changed");
      return true;
    });
  }

  async proposeSecondFactor(name: string, secret: string): Promise<boolean> {
    const rows = await this.sql.query(
      `update config.users set totp_proposed = $2
       where name = $1 and totp_secret is null and password_hash is not null returning 1`,
      [name, secret],
    );
    return rows.length > 0;
  }

  confirmSecondFactor(name: string, secret: string, step: number): Promise<boolean> {
    return this.sql.transaction(async (sql) => {
      const rows = await sql.query(
        `update config.users set totp_secret = $2, totp_proposed = null, totp_step = $3, changed_at = now()
         where name = $1 and totp_proposed = $2 and totp_secret is null returning 1`,
        [name, secret, step],
      );
      if (rows.length === 0) return false;
      await this.#own(sql, name, "user.second-factor", "set up");
      return true;
    });
  }

  async removeSecondFactor(name: string): Promise<void> {
    await this.sql.transaction(async (sql) => {
      const rows = await sql.query(
        `update config.users set totp_secret = null, totp_proposed = null, changed_at = now()
         where name = $1 and totp_secret is not null returning 1`,
        [name],
      );
      if (rows.length > 0) await this.#own(sql, name, "user.second-factor", "removed");
    });
  }

  #audit(sql: Sql, line: NewAuditLine): Promise<void> {
    return addAuditLine(sql, this.random, line);
  }

  /** What a user does about himself. */
  #own(sql: Sql, name: string, action: string, reason: string): Promise<void> {
    return this.#audit(sql, { who: name, action, subject: subject(name), reason });
  }

  #loggedIn(sql: Sql, name: string, address: string, reason: string): Promise<void> {
    return this.#audit(sql, {
      ...{ who: name, action: "session.begin", subject: subject(name), reason },
      after: { address },
    });
  }
}
