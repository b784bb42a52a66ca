/** Channels as rows: configuration, switch and the reports of their modules in one statement; switching them. */
import type { ChannelManifest } from "../../../engine/ports/channel.js";
import type { Random } from "../../../engine/ports/clock.js";
import type { ChannelSwitch, WaitingPolicy } from "../../../engine/ports/reference.js";
import type {
  ChannelAdmin,
  ChannelBounds,
  ChannelState,
  SwitchChange,
} from "../../../engine/ports/routes.js";
import { ValenceError } from "../../../engine/errors.js";
import {
  type ChannelConfig,
  channelFacts,
  type ChannelReport,
  missingMsMax,
} from "../../../engine/registry/channel-facts.js";
import { redirectCycle, switchText } from "../../../engine/registry/redirects.js";
import { addAuditLine } from "./audit.js";
import type { Sql } from "./database.js";

export interface ChannelRow extends ChannelConfig {
  readonly reports: readonly ChannelReport[];
  readonly changedBy: string | null;
  readonly changedAtMs: number | null;
  readonly reason: string | null;
}

/** Every registered channel with what its modules have reported within the last minute. */
export function readChannels(sql: Sql): Promise<readonly ChannelRow[]> {
  return sql.query<ChannelRow>(
    `select c.channel, c.switch, c.redirect_to as "redirectTo", c.waiting, c.facts as manifest,
       c.changed_by as "changedBy", (extract(epoch from c.changed_at) * 1000)::bigint as "changedAtMs", c.reason,
       coalesce((select json_agg(json_build_object('instance', instance, 'breaker', breaker, 'calls', calls,
           'successRatio', success_ratio, 'p50Ms', p50_ms, 'p95Ms', p95_ms, 'inFlight', in_flight,
           'beatAgoMs', extract(epoch from now() - beat_at) * 1000) order by instance)
         from core.channel_health h
         where h.channel = c.channel and h.beat_at > now() - $1 * interval '1 millisecond'), '[]') as reports
     from config.channels c order by c.channel`,
    [missingMsMax],
    "channels",
  );
}

interface SwitchRow {
  readonly channel: string;
  readonly switch: ChannelSwitch;
  readonly redirectTo: string | null;
  readonly waiting: WaitingPolicy;
  readonly changedBy: string | null;
  readonly changedAt: string | null;
  readonly reason: string | null;
}

export class PostgresChannels implements ChannelAdmin {
  constructor(
    private readonly sql: Sql,
    private readonly random: Random,
  ) {}

  async channels(): Promise<readonly ChannelState[]> {
    return (await readChannels(this.sql)).map((row) => ({
      ...channelFacts(row, row.reports),
      title: row.manifest.title ?? row.channel,
      bounds: boundsOf(row.manifest),
      calls: row.reports.reduce((sum, { calls }) => sum + calls, 0),
      ...(row.changedBy === null ? {} : { changedBy: row.changedBy }),
      ...(row.changedAtMs === null ? {} : { changedAtMs: row.changedAtMs }),
      ...(row.reason === null ? {} : { reason: row.reason }),
      instances: row.reports.map((report) => ({ ...report, beatAgoMs: Math.round(report.beatAgoMs) })),
    }));
  }

  async switchTo(change: SwitchChange): Promise<void> {
    await this.sql.transaction(async (sql) => {
      // All of them, locked: two redirects set at the same moment must not close a circle.
      const rows = await sql.query<SwitchRow>(
        `select channel, switch, redirect_to as "redirectTo", waiting, changed_by as "changedBy", reason,
           to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "changedAt"
         from config.channels order by channel for update`,
      );
      const before = rows.find(({ channel }) => channel === change.channel);
      if (!before) throw unknownChannel(change.channel, rows);
      checkExpected(before, change.expectedSwitch);
      const { redirectTo = null } = change;
      if (redirectTo !== null) checkRedirect(change.channel, redirectTo, rows);
      const after = { switch: change.switch, redirectTo, waiting: change.waiting ?? before.waiting };
      await sql.query(
        `update config.channels set switch = $2, redirect_to = $3, waiting = $4, changed_by = $5, changed_at = now(),
           reason = $6 where channel = $1`,
        [change.channel, after.switch, after.redirectTo, after.waiting, change.author, change.reason],
      );
      const { channel, switch: position, redirectTo: wasTo, waiting } = before;
      await addAuditLine(sql, this.random, {
        ...{ who: change.author, action: "channel.switch", subject: `channel ${channel}` },
        ...{ before: { switch: position, redirectTo: wasTo, waiting }, after, reason: change.reason },
      });
    });
  }

  async openPayments(channel: string): Promise<number> {
    const [row] = await this.sql.query<{ count: number }>(`select count(*)::int as count ${unresolved}`, [
      channel,
    ]);
    return row?.count ?? 0;
  }

  async hasOpenIntents(channel: string): Promise<boolean> {
    const rows = await this.sql.query(
      `select 1 ${unresolved} and exists (
         select 1 from core.journal j where j.run_day = ${runDay} and j.run_id = r.run_id and j.kind = 'intent'
           and not exists (select 1 from core.journal e where e.run_day = j.run_day and e.run_id = j.run_id
             and e.hop = j.hop and e.kind = 'end'))
       limit 1`,
      [channel],
    );
    return rows.length > 0;
  }
}

/** By way of the unfinished runs, of which there are few however long the history grows. */
const unresolved = `from core.runs r join core.payments p on p.order_id = r.order_id and p.run_id = r.run_id
  where r.state <> 'ended' and p.channel = $1 and p.status in ('created', 'sending')`;

/** The day in the run's own id (UUIDv7), as the journal's key has it; of the table `r`. */
export const runDay = `(to_timestamp(('x' || left(replace(r.run_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
  at time zone 'UTC')::date`;

function boundsOf({
  operations,
  concurrencyMax,
  callTimeoutMs,
  breaker,
}: Partial<ChannelManifest>): ChannelBounds {
  return {
    ...(operations === undefined ? {} : { operations }),
    ...(concurrencyMax === undefined ? {} : { concurrencyMax }),
    ...(callTimeoutMs === undefined ? {} : { callTimeoutMs }),
    ...(breaker === undefined ? {} : { breaker }),
  };
}

/** Two operators who both saw the channel open must not undo each other's work unseen. */
function checkExpected(row: SwitchRow, expected: string | undefined): void {
  const { channel, redirectTo, changedBy, changedAt, reason } = row;
  const standsAt = switchText(row.switch, redirectTo);
  if (expected === undefined || expected === standsAt) return;
  const who = changedBy === null ? "" : ` by ${changedBy}, ${changedAt ?? ""}: ${reason ?? ""}`;
  throw new ValenceError("switch_superseded", `channel ${channel} was set to ${standsAt}${who}`);
}

function unknownChannel(channel: string, rows: readonly SwitchRow[]): ValenceError {
  const names = rows.map((row) => row.channel).join(", ");
  return new ValenceError(
    "channel_unknown",
    `there is no channel ${channel}; registered are ${names || "none"}`,
  );
}

function checkRedirect(channel: string, redirectTo: string, rows: readonly SwitchRow[]): void {
  if (!rows.some((row) => row.channel === redirectTo)) throw unknownChannel(redirectTo, rows);
  const links = new Map(
    rows.flatMap((row) => (row.redirectTo === null ? [] : [[row.channel, row.redirectTo]])),
  );
  const circle = redirectCycle(channel, redirectTo, links);
  if (circle !== undefined)
    throw new ValenceError("redirect_invalid", `this would go in a circle: ${circle.join(" -> ")}`);
}
