/** Who lives: every module of every process has a row, which `heartbeat/` brings up to date. */
import { limits } from "../../../engine/limits.js";
import type {
  LiveModule,
  ModuleProgress,
  ModuleRecord,
  ModuleRegistry,
} from "../../../engine/ports/modules.js";
import type { Sql } from "./database.js";

export interface ModuleRow extends Omit<LiveModule, "startedAtMs" | "beatAgoMs"> {
  readonly pidSpace: string;
  readonly startedTicks: string;
}

/** What tells whether the process behind a row still lives. */
export type InstanceIdentity = Pick<ModuleRow, "instance" | "pid" | "pidSpace" | "startedTicks">;

type FlatRecord = LiveModule & ModuleProgress & Pick<ModuleRecord, "paused">;

const identityColumns = `instance, module, host, pid, version, queues, atoms,
  (extract(epoch from started_at) * 1000)::bigint as "startedAtMs",
  (extract(epoch from now() - beat_at) * 1000)::float8 as "beatAgoMs"`;

export class PostgresModuleRegistry implements ModuleRegistry {
  constructor(private readonly sql: Sql) {}

  live(): Promise<readonly LiveModule[]> {
    return this.sql.query<LiveModule>(
      `select ${identityColumns} from core.modules
       where beat_at > now() - $1 * interval '1 millisecond' order by module, started_at`,
      [limits.moduleLostMs],
    );
  }

  /** Those that died, too, for as long as `buryDead` keeps them. */
  async all(): Promise<readonly ModuleRecord[]> {
    const rows = await this.sql.query<FlatRecord>(
      `select ${identityColumns}, paused, consumed, consumed_per_s as "consumedPerS", in_flight as "inFlight",
         oldest_in_flight_ms as "oldestInFlightMs", moved_ago_ms as "movedAgoMs",
         loop_turn_ago_ms as "loopTurnAgoMs", loop_delay_ms as "loopDelayMs"
       from core.modules order by module, started_at`,
    );
    return rows.map((row) => {
      const { consumed, consumedPerS, inFlight, oldestInFlightMs, ...other } = row;
      const { movedAgoMs, loopTurnAgoMs, loopDelayMs, ...identity } = other;
      const progress = { consumed, consumedPerS, inFlight, oldestInFlightMs, movedAgoMs, loopTurnAgoMs };
      return { ...identity, progress: { ...progress, loopDelayMs } };
    });
  }

  async register(rows: readonly ModuleRow[]): Promise<void> {
    for (const row of rows) {
      const { instance, module, host, pid, pidSpace, startedTicks, version, queues, atoms } = row;
      await this.sql.query(
        `insert into core.modules (instance, module, host, pid, pid_space, started_ticks, version, queues, atoms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (instance, module) do update set queues = excluded.queues, atoms = excluded.atoms, beat_at = now()`,
        [
          instance,
          module,
          host,
          pid,
          pidSpace,
          startedTicks,
          version,
          JSON.stringify(queues),
          JSON.stringify(atoms),
        ],
      );
    }
  }

  async remove(instance: string): Promise<void> {
    await this.sql.query("delete from core.modules where instance = $1", [instance]);
  }

  /**
   * Takes the dead out of the registry and their leases from them, at once instead of after `limits.moduleLostMs`: whoever
   * starts a process again after kill -9 starts it on the same machine. Taking a lease from the living by mistake
   * would cost a repeat, not a second charge: only the current token settles. Returns how many messages are free.
   */
  async buryDead(mayLive: (identity: InstanceIdentity) => boolean): Promise<number> {
    // Long gone; an hour keeps them for whoever wants to know what died.
    await this.sql.query("delete from core.modules where beat_at < now() - interval '1 hour'");
    const known = await this.sql.query<InstanceIdentity & Record<string, unknown>>(
      `select distinct instance, pid, pid_space as "pidSpace", started_ticks as "startedTicks" from core.modules`,
    );
    const dead = known.filter((identity) => !mayLive(identity)).map(({ instance }) => instance);
    if (dead.length === 0) return 0;
    const freed = await this.sql.query(
      `with gone as (delete from core.modules where instance = any($1::uuid[]))
       update bus.messages set lease_token = null, lease_owner = null, visible_at = now()
       where lease_owner = any($1::uuid[]) returning 1`,
      [dead],
    );
    return freed.length;
  }
}
