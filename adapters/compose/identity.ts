/** Users and sessions on this process's kernel, and the word to the log that makes a shortened audit visible. */
import { Accounts } from "../identity/identity.js";
import { PostgresAudit } from "../store/postgres/audit.js";
import { PostgresAttempts } from "../store/postgres/identity/attempts.js";
import { PostgresIdentity } from "../store/postgres/identity/store.js";
import type { Kernel } from "./kernel.js";
import { repeatEvery } from "./repeat.js";

/** However busy somebody is, he shows who he is once in so long. */
const sessionAgeMsMax = 12 * 3_600_000;
const headEveryMs = 3_600_000;

export const createIdentity = ({ database, random, clock, telemetry, settings }: Kernel): Accounts =>
  new Accounts(
    {
      store: new PostgresIdentity(database.pool, random),
      attempts: new PostgresAttempts(database.pool),
      clock,
      telemetry,
    },
    { idleMsMax: settings.admin.idleMinutes * 60_000, ageMsMax: sessionAgeMsMax },
  );

/**
 * Logs the head of the audit now and every hour: whoever removes the newest lines and the head cannot remove what the
 * log has. The result ends it.
 */
export function tellAuditHead({ database, clock, telemetry }: Kernel): () => void {
  const audit = new PostgresAudit(database.pool);
  const tell = async (): Promise<void> => {
    telemetry.log("info", { event: "audit.head", ...(await audit.head()) });
  };
  // The next hour tells it if the database does not answer now.
  tell().catch(() => undefined);
  return repeatEvery(clock, headEveryMs, tell);
}
