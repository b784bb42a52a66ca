/** What an editor offers while a condition is typed: fields, facts, and the values they have today. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import type { RouteWord } from "../../../api/routes";

/** What CEL itself brings, as far as conditions need it. */
const functions: readonly Completion[] = ["size", "startsWith", "endsWith", "contains", "matches"].map(
  (label) => ({
    label,
    type: "function",
  }),
);

/** `currency == 'C|`: the word that is compared, and where the text begins. */
const comparison = /([A-Za-z_][\w.]*)\s*[!=]=\s*(["'])([^"']*)$/;
/** `'c|' in channel.methods`: the list stands behind the cursor. */
const membership = /(["'])([^"']*)$/;
const listBehind = /^[^"']*["']\s*in\s+([A-Za-z_][\w.]*)/;

export const celCompletion = (words: readonly RouteWord[]): Extension =>
  autocompletion({
    override: [(context) => valuesAt(context, words) ?? wordsAt(context, words)],
    icons: false,
  });

function wordsAt(context: CompletionContext, words: readonly RouteWord[]): CompletionResult | null {
  const before = context.matchBefore(/[A-Za-z_][\w.]*/);
  if (!before && !context.explicit) return null;
  const options = words.map(({ name, type, meaning }) => ({
    label: name,
    type: "property",
    detail: type,
    info: meaning,
  }));
  return { from: before?.from ?? context.pos, options: [...options, ...functions], validFor: /^[\w.]*$/ };
}

function valuesAt({ state, pos }: CompletionContext, words: readonly RouteWord[]): CompletionResult | null {
  const line = state.doc.lineAt(pos);
  const [before, behind] = [line.text.slice(0, pos - line.from), line.text.slice(pos - line.from)];
  const compared = comparison.exec(before);
  const quoted = compared ?? membership.exec(before);
  const name = compared?.[1] ?? listBehind.exec(behind)?.[1];
  const values = words.find((word) => word.name === name)?.values;
  if (!quoted || values === undefined) return null;
  const [quote = "'", typed = ""] = quoted.slice(-2);
  const close = behind.startsWith(quote) ? "" : quote;
  return {
    from: pos - typed.length,
    options: values.map((label) => ({ label, type: "text", apply: `${label}${close}` })),
    validFor: /^[^"']*$/,
  };
}
