/** The audit: what operators changed, and whether the chain of its lines is whole. */
import { get } from "./client";

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
  /** The beginning of the action. */
  readonly action?: string;
  /** ISO 8601; from inclusive, to exclusive. */
  readonly from?: string;
  readonly to?: string;
}

export interface AuditLines {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Where older ones begin; absent: these are the oldest. */
  readonly before?: number;
}

export type AuditVerdict =
  | {
      readonly sound: true;
      readonly lines: number;
      readonly head: { readonly seq: number; readonly hash: string };
    }
  | {
      readonly sound: false;
      /** Of the first line that is not what it was. */
      readonly seq: number;
      /** What is wrong with it: a key of the texts. */
      readonly flaw: string;
      readonly why: string;
      readonly lines: number;
    };

const pageLines = 50;

export const fetchAudit = (
  filter: AuditFilter,
  before: number | undefined,
  signal?: AbortSignal,
): Promise<AuditLines> =>
  get<AuditLines>("/audit", {
    query: { ...filter, before, limit: pageLines },
    ...(signal ? { signal } : {}),
  });

export const verifyAudit = (): Promise<AuditVerdict> => get<AuditVerdict>("/audit/verify");
