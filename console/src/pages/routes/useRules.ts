/** The rules in force, the draft of them, and what the API says about the draft. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { checkRules, type Diagnostic, type RouteRule, type RouteSet } from "../../api/routes";
import { type Draft, draftOf, rulesOf, sameRules } from "./draft";

export const rulesKey = ["routes", "rules"] as const;
export const historyKey = ["routes", "history"] as const;
export const vocabularyKey = ["routes", "vocabulary"] as const;

export interface RuleDraft {
  readonly draft: Draft;
  readonly change: (draft: Draft) => void;
  readonly rules: readonly RouteRule[];
  /** What the draft began with. */
  readonly base: RouteSet;
  readonly isChanged: boolean;
  /** Somebody else has put these in force since the draft was begun. */
  readonly newer: RouteSet | undefined;
  /** Gives the draft up for these rules. */
  readonly restart: (from: RouteSet) => void;
}

export function useRuleDraft(inForce: RouteSet): RuleDraft {
  const [base, setBase] = useState(inForce);
  const [draft, change] = useState<Draft>(() => draftOf(inForce.rules));
  const rules = useMemo(() => rulesOf(draft), [draft]);
  const isChanged = !sameRules(base.rules, rules);
  const restart = (from: RouteSet): void => {
    setBase(from);
    change(draftOf(from.rules));
  };
  const isNewer = inForce.version !== base.version;
  // Nothing of one's own would be lost, or it is what has just been applied: the page follows what is in force.
  const follows = isNewer && (!isChanged || sameRules(inForce.rules, rules));
  if (follows) restart(inForce);
  return { draft, change, rules, base, isChanged, newer: isNewer && !follows ? inForce : undefined, restart };
}

/** While one types, nobody is asked. */
const typingMs = 300;

function useSettled<Value>(value: Value, waitMs: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), waitMs);
    return () => clearTimeout(timer);
  }, [value, waitMs]);
  return settled;
}

export interface DraftCheck {
  /** `checking`: not known yet for what is typed now. */
  readonly state: "checking" | "sound" | "unsound" | "failed";
  readonly diagnostics: readonly Diagnostic[];
  readonly error: unknown;
}

const noDiagnostics: readonly Diagnostic[] = [];

export function useDraftCheck(rules: readonly RouteRule[]): DraftCheck {
  const text = useMemo(() => JSON.stringify(rules), [rules]);
  const settled = useSettled(text, typingMs);
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ["routes", "check", settled],
    queryFn: ({ signal }) => checkRules(JSON.parse(settled) as readonly RouteRule[], signal),
    // What was said about a text remains so, unless a channel comes or goes.
    staleTime: 30_000,
    placeholderData: (previous) => previous,
  });
  const diagnostics = data?.ok === false ? data.diagnostics : noDiagnostics;
  const state = stateOf(settled === text && !isPlaceholderData, data?.ok, error);
  return { state, diagnostics, error };
}

function stateOf(isSettled: boolean, ok: boolean | undefined, error: unknown): DraftCheck["state"] {
  if (error !== null) return "failed";
  if (!isSettled || ok === undefined) return "checking";
  return ok ? "sound" : "unsound";
}

/** Those at a pointer, or below it. */
export const diagnosticsAt = (
  diagnostics: readonly Diagnostic[],
  pointer: string,
  below = false,
): readonly Diagnostic[] =>
  diagnostics.filter((each) => each.pointer === pointer || (below && each.pointer.startsWith(`${pointer}/`)));
