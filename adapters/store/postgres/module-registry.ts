/** Who lives: every module of every process has a row and beats. */
import type { LiveModule, ModuleRegistry } from "../../../engine/ports/definitions.js";
import type { Sql } from "./database.js";

/** Without a beat for this long a module counts as gone. */
export const silentMsMax = 10_000;

export type ModuleRow = Omit<LiveModule, "startedAtMs" | "beatAgoMs">;

export class PostgresModuleRegistry implements ModuleRegistry {
  constructor(private readonly sql: Sql) {}

  live(): Promise<readonly LiveModule[]> {
    return this.sql.query<LiveModule>(
      `select instance, module, host, pid, version, queues, atoms,
         (extract(epoch from started_at) * 1000)::bigint as "startedAtMs",
         (extract(epoch from now() - beat_at) * 1000)::float8 as "beatAgoMs"
       from core.modules where beat_at > now() - $1 * interval '1 millisecond' order by module, started_at`,
      [silentMsMax],
    );
  }

  async register(rows: readonly ModuleRow[]): Promise<void> {
    for (const { instance, module, host, pid, version, queues, atoms } of rows) {
      await this.sql.query(
        `insert into core.modules (instance, module, host, pid, version, queues, atoms) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (instance, module) do update set queues = excluded.queues, atoms = excluded.atoms, beat_at = now()`,
        [instance, module, host, pid, version, JSON.stringify(queues), JSON.stringify(atoms)],
      );
    }
    // Rows of processes long gone; an hour keeps them for whoever wants to know what died.
    await this.sql.query("delete from core.modules where beat_at < now() - interval '1 hour'");
  }

  async beat(instance: string): Promise<void> {
    await this.sql.query("update core.modules set beat_at = now() where instance = $1", [instance], "beat");
  }

  async remove(instance: string): Promise<void> {
    await this.sql.query("delete from core.modules where instance = $1", [instance]);
  }
}
