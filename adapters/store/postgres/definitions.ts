/** Definition sets and plans in the `config` schema. */
import type { Plan } from "../../../engine/compiler/plan.js";
import type { DefinitionLine, DefinitionSet, DefinitionStore } from "../../../engine/ports/definitions.js";
import type { Random } from "../../../engine/ports/clock.js";
import { addAuditLine } from "./audit.js";
import type { Sql } from "./database.js";
import { isTaken } from "./failure.js";

const lineColumns = `version, types, flows, author, reason,
  (extract(epoch from activated_at) * 1000)::bigint as "activatedAtMs"`;
const columns = `files, ${lineColumns}`;

export class PostgresDefinitions implements DefinitionStore {
  constructor(
    private readonly sql: Sql,
    private readonly random: Random,
  ) {}

  async active(): Promise<DefinitionSet | undefined> {
    return (await this.history(1))[0];
  }

  async version(version: number): Promise<DefinitionSet | undefined> {
    const [set] = await this.sql.query<DefinitionSet>(
      `select ${columns} from config.definition_sets where version = $1`,
      [version],
    );
    return set;
  }

  history(limit: number): Promise<readonly DefinitionSet[]> {
    return this.sql.query<DefinitionSet>(
      `select ${columns} from config.definition_sets order by version desc limit $1`,
      [limit],
    );
  }

  lines(limit: number): Promise<readonly DefinitionLine[]> {
    return this.sql.query<DefinitionLine>(
      `select ${lineColumns} from config.definition_sets order by version desc limit $1`,
      [limit],
    );
  }

  async plan(hash: string): Promise<Plan | undefined> {
    const [row] = await this.sql.query<{ plan: Plan }>("select plan from config.plans where hash = $1", [
      hash,
    ]);
    return row?.plan;
  }

  async activate(
    set: Omit<DefinitionSet, "version" | "activatedAtMs">,
    plans: readonly Plan[],
    expectedVersion: number,
  ): Promise<boolean> {
    try {
      await this.sql.transaction(async (sql) => {
        for (const plan of plans) {
          await sql.query("insert into config.plans (hash, plan) values ($1, $2) on conflict do nothing", [
            plan.hash,
            JSON.stringify(plan),
          ]);
        }
        const [before] = await sql.query<{ version: number; flows: unknown }>(
          "select version, flows from config.definition_sets order by version desc limit 1",
        );
        if ((before?.version ?? 0) !== expectedVersion) throw new Superseded();
        await sql.query(
          `insert into config.definition_sets (version, files, types, flows, author, reason)
           values ($1, $2, $3, $4, $5, $6)`,
          [
            expectedVersion + 1,
            JSON.stringify(set.files),
            JSON.stringify(set.types),
            JSON.stringify(set.flows),
            set.author,
            set.reason,
          ],
        );
        await addAuditLine(sql, this.random, {
          ...{ who: set.author, action: "definitions.activate", subject: `version ${expectedVersion + 1}` },
          ...{ before: before?.flows, after: set.flows, reason: set.reason },
        });
      });
      return true;
    } catch (error) {
      if (error instanceof Superseded || isTaken(error)) return false;
      throw error;
    }
  }
}

class Superseded extends Error {}
