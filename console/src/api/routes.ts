/** Routing rules: in force, checked as one types, tried on orders, applied, taken back. */
import type { ChangedBy } from "../shared/ReasonDialog";
import { get, post } from "./client";

export interface RouteTarget {
  /** A channel's name, or `*`: every channel the rule does not name. */
  readonly channel: string;
  readonly weight?: number;
  /** CEL over the order and `channel`. */
  readonly where?: string;
}

export interface RouteRule {
  readonly name: string;
  /** CEL over the order; absent: holds for all. */
  readonly when?: string;
  readonly channels: readonly RouteTarget[];
}

export interface RouteSet {
  readonly version: number;
  readonly rules: readonly RouteRule[];
  // -- absent before anybody applied any
  readonly author?: string;
  readonly reason?: string;
  readonly activatedAtMs?: number;
}

export interface Diagnostic {
  readonly code: string;
  /** JSON pointer into the list of rules. */
  readonly pointer: string;
  readonly message: string;
  readonly hint: string;
  /** Within the text at the pointer; absent: all of it. */
  readonly range?: { readonly start: number; readonly end: number };
}

export type RouteCheck =
  { readonly ok: true } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** What may be written in a condition. */
export interface RouteWord {
  readonly name: string;
  readonly type: string;
  readonly meaning: string;
  /** Values met today. */
  readonly values?: readonly string[];
}

export interface RouteVocabulary {
  readonly fields: readonly RouteWord[];
  readonly facts: readonly RouteWord[];
}

export interface SampleOrder {
  readonly amount: number;
  readonly currency: string;
  readonly type?: string;
  readonly merchantId?: string;
  readonly method?: string;
  readonly business?: string;
  readonly channel?: string;
}

/** `channel` null: no channel can take the order; `why` tells. */
export interface TrialRoute {
  readonly channel: string | null;
  readonly rule?: string;
  readonly redirectedFrom?: string;
  readonly missing?: true;
  readonly why?: string;
}

export interface TrialLine {
  readonly orderId: string;
  readonly merchantOrderId?: string;
  readonly createdAtMs?: number;
  readonly fields: { readonly amount: number; readonly currency: string; readonly type: string };
  readonly wanted?: string;
  readonly recorded?: { readonly channel: string; readonly rule: string };
  readonly inForce: TrialRoute;
  readonly proposed: TrialRoute;
}

export interface TrialMove {
  readonly from: string | null;
  readonly to: string | null;
  readonly orders: number;
}

export interface TrialReport {
  /** Of the rules in force it was compared with. */
  readonly version: number;
  readonly summary: {
    readonly orders: number;
    readonly unroutable: number;
    readonly moved: readonly TrialMove[];
    readonly movedSince: readonly TrialMove[];
    readonly channels: readonly {
      readonly channel: string | null;
      readonly recorded: number;
      readonly inForce: number;
      readonly proposed: number;
    }[];
    readonly rules: readonly { readonly rule: string; readonly orders: number }[];
  };
  readonly lines: readonly TrialLine[];
}

export type TrialOrders = { readonly last: number } | readonly SampleOrder[];

const filesOf = (rules: readonly RouteRule[]): readonly { path: string; text: string }[] => [
  { path: "routes.json", text: JSON.stringify(rules, null, 2) },
];

export const rulesInForce = (signal: AbortSignal): Promise<RouteSet> => get<RouteSet>("/routes", { signal });

/** Newest first. */
export const ruleHistory = async (signal: AbortSignal): Promise<readonly RouteSet[]> =>
  (await get<{ history: readonly RouteSet[] }>("/routes/history", { signal })).history;

export const routeVocabulary = (signal: AbortSignal): Promise<RouteVocabulary> =>
  get<RouteVocabulary>("/routes/vocabulary", { signal });

export const checkRules = (rules: readonly RouteRule[], signal: AbortSignal): Promise<RouteCheck> =>
  post<RouteCheck>("/routes/check", { files: filesOf(rules) }, { signal });

export const tryRules = (rules: readonly RouteRule[], orders: TrialOrders): Promise<TrialReport> =>
  post<TrialReport>("/routes/trial", { files: filesOf(rules), orders });

/** `expectedVersion`: the version the person started from; the API refuses when another one is in force. */
export const applyRules = (
  rules: readonly RouteRule[],
  expectedVersion: number,
  by: ChangedBy,
): Promise<{ version: number }> =>
  post<{ version: number }>("/routes/apply", { files: filesOf(rules), expectedVersion, ...by });

export const rollbackRules = (
  version: number,
  expectedVersion: number,
  by: ChangedBy,
): Promise<{ version: number }> =>
  post<{ version: number }>("/routes/rollback", { version, expectedVersion, ...by });
