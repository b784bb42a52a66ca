/** Sorts what can go wrong with a statement into what to do next. Source: PostgreSQL manual, appendix A. */
import { BatchError } from "../../../engine/ports/store.js";

/** SQLSTATE of `core.refuse`: gates refused units; `detail` names them. */
export const refusedState = "VL001";

export class RefusedError extends Error {
  override readonly name = "RefusedError";
  constructor(readonly refusals: string) {
    super("gates refused units");
  }
}

interface DatabaseFailure {
  readonly code?: string;
  readonly detail?: string;
  readonly message?: string;
}

/**
 * Nobody's fault, and gone when tried again: serialization and deadlock, a lock or statement that waited too long, a
 * server short of memory, disk or connections, and one that only reads because another is being made the primary.
 */
const transientState = /^(40001|40P01|55P03|57014|25006|53...)$/;
const neverConnected = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"]);

/** `unique_violation`: somebody else wrote a row of this key meanwhile. */
export const isTaken = (error: unknown): boolean =>
  error instanceof BatchError && (error.cause as DatabaseFailure | undefined)?.code === "23505";

export function classify(
  error: unknown,
  doing: "querying" | "connecting" = "querying",
): BatchError | RefusedError {
  if (error instanceof BatchError || error instanceof RefusedError) return error;
  const { code = "", detail, message = String(error) } = (error ?? {}) as DatabaseFailure;
  const cause = { cause: error };
  if (code === refusedState) return new RefusedError(detail ?? "[]");
  if (doing === "connecting" || neverConnected.has(code))
    return new BatchError("unreachable", message, cause);
  // The server said no before it began to work: it is starting, stopping or in recovery.
  if (code === "57P03") return new BatchError("unreachable", message, cause);
  if (transientState.test(code)) return new BatchError("transient", message, cause);
  // (Node writes EPIPE and ENOENT where PostgreSQL writes SQLSTATEs; no SQLSTATE class begins with E.)
  if (/^(?!E)[0-9A-Z]{5}$/.test(code) && !/^(08|40003|57P|58)/.test(code))
    return new BatchError("data", message, cause);
  // Connection reset, terminated by an administrator, end of stream: the statement may have been carried out.
  return new BatchError("lost", message, cause);
}
