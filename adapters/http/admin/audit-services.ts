/** What the admin API serves about the audit. */
import type { AuditEntry, AuditFilter, AuditHead } from "../../../engine/ports/index.js";
import type { AuditVerdict } from "../../../engine/registry/audit-chain.js";

export interface AuditServices {
  /** Newest first. */
  entries(filter: AuditFilter): Promise<readonly AuditEntry[]>;
  /** Recomputes the whole chain; `witness`: a head somebody saw earlier, through which it must go. */
  verify(witness?: AuditHead): Promise<AuditVerdict>;
}
