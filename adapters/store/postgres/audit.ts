/** The audit: adding a line within somebody's transaction, and reading lines, for people and for the verification. */
import type {
  AuditEntry,
  AuditFilter,
  AuditHead,
  AuditLine,
  AuditStore,
} from "../../../engine/ports/audit.js";
import type { Random } from "../../../engine/ports/clock.js";
import type { Sql } from "./database.js";

export interface NewAuditLine {
  readonly who: string;
  /** `user.create` */
  readonly action: string;
  /** `user ann` */
  readonly subject: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly reason: string;
}

/** In the transaction of what it tells of. The last statement but the commit: it makes other writers wait. */
export async function addAuditLine(sql: Sql, random: Random, line: NewAuditLine): Promise<void> {
  const { who, action, subject, before, after, reason } = line;
  await sql.query(
    `insert into config.audit (audit_id, who, action, subject, before, after, reason)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [random.id(), who, action, subject, jsonOf(before), jsonOf(after), reason],
  );
}

const jsonOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** The text a hash covers is made of; the same expressions as in migration 011. */
const lineColumns = `seq, previous, audit_id::text as "auditId",
  ((extract(epoch from at) * 1000000)::bigint)::text as "atMicros",
  who, action, subject, before::text as before, after::text as after, reason, hash`;

export class PostgresAudit implements AuditStore {
  constructor(private readonly sql: Sql) {}

  entries({ who, action, fromMs, toMs, before, limit }: AuditFilter): Promise<readonly AuditEntry[]> {
    return this.sql.query<AuditEntry>(
      `select seq, (extract(epoch from at) * 1000)::bigint as "atMs", who, action, subject, before, after, reason, hash
       from config.audit
       where ($1::text is null or who = $1) and ($2::text is null or starts_with(action, $2))
         and ($3::float8 is null or at >= to_timestamp($3 / 1000.0))
         and ($4::float8 is null or at < to_timestamp($4 / 1000.0))
         and ($5::bigint is null or seq < $5)
       order by seq desc limit $6`,
      [who ?? null, action ?? null, fromMs ?? null, toMs ?? null, before ?? null, limit],
    );
  }

  async head(): Promise<AuditHead | undefined> {
    const [head] = await this.sql.query<AuditHead>("select seq, hash from config.audit_head");
    return head;
  }

  async extent(): Promise<{ readonly head: AuditHead | undefined; readonly count: number }> {
    const [row] = await this.sql.query<{ seq: number | null; hash: string | null; count: number }>(
      `select h.seq, h.hash, c.count from (select count(*) as count from config.audit) c
       left join config.audit_head h on true`,
    );
    const { seq = null, hash = null, count = 0 } = row ?? {};
    return { head: seq === null || hash === null ? undefined : { seq, hash }, count };
  }

  lines(after: number, limit: number): Promise<readonly AuditLine[]> {
    return this.sql.query<AuditLine>(
      `select ${lineColumns} from config.audit where seq > $1 order by seq limit $2`,
      [after, limit],
    );
  }
}
