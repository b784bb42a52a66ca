/** Tables the bridge itself writes. */
import type { TableSpec } from "../../../engine/ports/store.js";

/**
 * Nonces that were used. They hold across bridges and restarts because the database keeps them; a row may be deleted
 * once `expiresAt` has passed, for then the timestamp it came with is refused anyway.
 */
export const noncesTable: TableSpec = {
  name: "nonces",
  schema: "edge",
  key: ["merchantId", "nonce"],
  columns: { merchantId: "text", nonce: "text", expiresAt: "timestamp" },
};
