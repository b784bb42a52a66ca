/** Routing rules in the `config` schema: every version stays, the highest one is in force. */
import type { Random } from "../../../engine/ports/clock.js";
import type { RouteSet, RouteStore } from "../../../engine/ports/routes.js";
import { addAuditLine } from "./audit.js";
import type { Sql } from "./database.js";
import { isTaken } from "./failure.js";

const columns = `version, rules, author, reason,
  (extract(epoch from activated_at) * 1000)::bigint as "activatedAtMs"`;

export class PostgresRoutes implements RouteStore {
  constructor(
    private readonly sql: Sql,
    private readonly random: Random,
  ) {}

  async active(): Promise<RouteSet | undefined> {
    return (await this.history(1))[0];
  }

  history(limit: number): Promise<readonly RouteSet[]> {
    return this.sql.query<RouteSet>(
      `select ${columns} from config.route_sets order by version desc limit $1`,
      [limit],
    );
  }

  async version(version: number): Promise<RouteSet | undefined> {
    const rows = await this.sql.query<RouteSet>(
      `select ${columns} from config.route_sets where version = $1`,
      [version],
    );
    return rows[0];
  }

  async activate(
    { rules, author, reason }: Pick<RouteSet, "rules" | "author" | "reason">,
    expectedVersion: number,
  ): Promise<boolean> {
    const version = expectedVersion + 1;
    try {
      return await this.sql.transaction(async (sql) => {
        const [before] = await sql.query<Pick<RouteSet, "version" | "rules">>(
          "select version, rules from config.route_sets order by version desc limit 1",
        );
        if ((before?.version ?? 0) !== expectedVersion) return false;
        await sql.query(
          "insert into config.route_sets (version, rules, author, reason) values ($1, $2, $3, $4)",
          [version, JSON.stringify(rules), author, reason],
        );
        await addAuditLine(sql, this.random, {
          ...{ who: author, action: "routes.activate", subject: `version ${version}` },
          ...{ before: before?.rules, after: rules, reason },
        });
        return true;
      });
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }
}
