/** What the modules of channels report about themselves, about once a second, and what the others read of it. */
import type { ChannelReport } from "../../../engine/registry/channel-facts.js";
import type { Sql } from "./database.js";

/** Rows of the dead are of no use to routing after a minute; an hour keeps them for whoever asks what died. */
const forgetAfter = "1 hour";

export class ChannelHealth {
  constructor(
    private readonly sql: Sql,
    private readonly instance: string,
  ) {}

  async beat(channel: string, report: Omit<ChannelReport, "instance" | "beatAgoMs">): Promise<void> {
    const { breaker, calls, successRatio, p50Ms, p95Ms, inFlight } = report;
    await this.sql.query(
      `insert into core.channel_health
         (channel, instance, breaker, calls, success_ratio, p50_ms, p95_ms, in_flight)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (channel, instance) do update set breaker = excluded.breaker, calls = excluded.calls,
         success_ratio = excluded.success_ratio, p50_ms = excluded.p50_ms, p95_ms = excluded.p95_ms,
         in_flight = excluded.in_flight, beat_at = now()`,
      [channel, this.instance, breaker, calls, successRatio, p50Ms, p95Ms, inFlight],
      "channel-beat",
    );
  }

  /** The module stops in order: from now on nobody waits for it to come back. */
  async leave(channel: string): Promise<void> {
    await this.sql.query("delete from core.channel_health where channel = $1 and instance = $2", [
      channel,
      this.instance,
    ]);
  }

  async forgetDead(): Promise<void> {
    await this.sql.query("delete from core.channel_health where beat_at < now() - $1::interval", [
      forgetAfter,
    ]);
  }
}
