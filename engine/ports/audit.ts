/** The audit: every change operators made, in a chain of hashes. Lines are added and never touched again. */

/** A line as it is hashed: every column as text, exactly as the database keeps it. */
export interface AuditLine {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Hash of the line before; of the first line: `noHash`. */
  readonly previous: string;
  readonly auditId: string;
  /** Epoch microseconds. */
  readonly atMicros: string;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  /** JSON; null: there was nothing before, or nothing to say. */
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string;
  /** SHA-256, 64 hexadecimal digits. */
  readonly hash: string;
}

/** Where the chain ends. Kept beside the lines and told to the log, so that a missing end is seen. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** A line for people. */
export interface AuditEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string;
  readonly hash: string;
}

export interface AuditFilter {
  readonly who?: string;
  /** The beginning of the action: `user.` finds `user.create` and `user.change`. */
  readonly action?: string;
  /** Epoch milliseconds; from inclusive, to exclusive. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Only lines older than this one. */
  readonly before?: number;
  readonly limit: number;
}

export interface AuditStore {
  /** Newest first. */
  entries(filter: AuditFilter): Promise<readonly AuditEntry[]>;
  head(): Promise<AuditHead | undefined>;
  /** The head, and the number of all lines, whatever theirs are, in the same moment. Reads the whole table. */
  extent(): Promise<{ readonly head: AuditHead | undefined; readonly count: number }>;
  /** Lines with a higher number than `after`, in their order. */
  lines(after: number, limit: number): Promise<readonly AuditLine[]>;
}
