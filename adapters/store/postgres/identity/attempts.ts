/** Failed logins, counted by name and by address. */
import type { AttemptKey, AttemptStore } from "../../../../engine/ports/identity-store.js";
import type { Sql } from "../database.js";
import { time } from "./sessions.js";

/** A count without a new failure for this long begins anew; names nobody has do not fill the table. */
const rememberedFor = "interval '1 day'";
/** Not the moment of the last failure: one that read its clock before it must not wait for it. */
const nobodyWaits = "timestamptz 'epoch'";

export class PostgresAttempts implements AttemptStore {
  constructor(private readonly sql: Sql) {}

  begin(
    keys: readonly AttemptKey[],
    nextWaitMs: (failures: number) => number,
    atMs: number,
  ): Promise<number> {
    return this.sql.transaction(async (sql) => {
      await sql.query(`delete from config.login_attempts where last_at < ${time("$1")} - ${rememberedFor}`, [
        atMs,
      ]);
      let waitMs = 0;
      const counted: { readonly key: AttemptKey; readonly failures: number }[] = [];
      // One order for everybody: each row stays locked until the commit.
      for (const key of [...keys].sort((a, b) => (a.kind < b.kind ? -1 : 1))) {
        await sql.query(
          `insert into config.login_attempts (kind, subject, failures, last_at, wait_until)
           values ($1, $2, 0, ${time("$3")}, ${nobodyWaits}) on conflict do nothing`,
          [key.kind, key.subject, atMs],
        );
        const [row] = await sql.query<{ failures: number; waitUntilMs: number }>(
          `select failures, (extract(epoch from wait_until) * 1000)::bigint as "waitUntilMs"
           from config.login_attempts where kind = $1 and subject = $2 for update`,
          [key.kind, key.subject],
        );
        waitMs = Math.max(waitMs, (row?.waitUntilMs ?? 0) - atMs);
        counted.push({ key, failures: (row?.failures ?? 0) + 1 });
      }
      if (waitMs > 0) return waitMs;
      for (const { key, failures } of counted) {
        const nextMs = nextWaitMs(failures);
        await sql.query(
          `update config.login_attempts set failures = $3, last_at = ${time("$4")},
             wait_until = case when $5::bigint > 0 then ${time("$4")} + $5 * interval '1 millisecond' else ${nobodyWaits} end
           where kind = $1 and subject = $2`,
          [key.kind, key.subject, failures, atMs, nextMs],
        );
      }
      return 0;
    });
  }

  async forgive(keys: readonly AttemptKey[], forget: readonly AttemptKey[]): Promise<void> {
    await this.sql.transaction(async (sql) => {
      for (const { kind, subject } of keys)
        await sql.query(
          // It was let through, so nobody had to wait then: what it added is taken back.
          `update config.login_attempts set failures = greatest(failures - 1, 0), wait_until = ${nobodyWaits}
           where kind = $1 and subject = $2`,
          [kind, subject],
        );
      for (const { kind, subject } of forget)
        await sql.query("delete from config.login_attempts where kind = $1 and subject = $2", [
          kind,
          subject,
        ]);
    });
  }
}
