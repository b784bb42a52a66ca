/**
 * What an operator is writing: a copy of the files that were in force when he began. It lives as long as the page is
 * open, and is told apart from what is in force by its text alone.
 */
import { createContext, useContext } from "react";
import type { DefinitionFile, Definitions } from "../../api/flows";

export interface Draft {
  /** The version it was begun with; what is applied says so, so that nobody's work is undone unseen. */
  readonly base: Definitions;
  readonly files: readonly DefinitionFile[];
}

export interface DraftStore {
  /** Undefined: nothing has been written. */
  readonly draft: Draft | undefined;
  keep(draft: Draft | undefined): void;
}

export const DraftContext = createContext<DraftStore | undefined>(undefined);

export function useDraft(): DraftStore {
  const store = useContext(DraftContext);
  if (!store) throw new Error("a draft needs the flows page around it");
  return store;
}

export const draftOf = (base: Definitions): Draft => ({ base, files: base.files });

export const textOf = (files: readonly DefinitionFile[], path: string): string | undefined =>
  files.find((file) => file.path === path)?.text;

export const withText = (draft: Draft, path: string, text: string): Draft => ({
  ...draft,
  files: draft.files.some((file) => file.path === path)
    ? draft.files.map((file) => (file.path === path ? { path, text } : file))
    : [...draft.files, { path, text }].sort((a, b) => (a.path < b.path ? -1 : 1)),
});

export const withoutFile = (draft: Draft, path: string): Draft => ({
  ...draft,
  files: draft.files.filter((file) => file.path !== path),
});

/** Files that are not as they were when the draft was begun, those that are gone included. */
export function changedPaths({ base, files }: Draft): readonly string[] {
  const paths = new Set([...base.files, ...files].map(({ path }) => path));
  return [...paths].filter((path) => textOf(base.files, path) !== textOf(files, path)).sort();
}

/** The file a flow is written in. */
export const fileOfFlow = (files: readonly DefinitionFile[], flow: string): string =>
  files.find(({ path, text }) => path.endsWith(".flow.json") && text.includes(`"flow": "${flow}"`))?.path ??
  `${flow}.flow.json`;
