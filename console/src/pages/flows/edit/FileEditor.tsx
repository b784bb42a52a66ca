/** The chosen file in the editor, with what it needs to know of the others. CodeMirror is fetched when it is first shown. */
import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Diagnostic, fetchVocabulary } from "../../../api/flows";
import { EmptyState } from "../../../shared/EmptyState";
import { type Draft, textOf, withText } from "../draft";
import { flowKeys } from "../keys";

const CodeEditor = lazy(async () => ({ default: (await import("./CodeEditor")).CodeEditor }));

export interface FileEditorProps {
  readonly draft: Draft;
  readonly path: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly goTo: { readonly pointer: string } | undefined;
  readonly readOnly: boolean;
  readonly onChange: (draft: Draft) => void;
}

export function FileEditor({
  draft,
  path,
  diagnostics,
  goTo,
  readOnly,
  onChange,
}: FileEditorProps): ReactNode {
  const { t } = useTranslation("flows");
  const { data: vocabulary } = useQuery({
    queryKey: flowKeys.vocabulary,
    queryFn: ({ signal }) => fetchVocabulary(signal),
    staleTime: Infinity,
  });
  const own = useMemo(() => diagnostics.filter(({ file }) => file === path), [diagnostics, path]);
  const text = textOf(draft.files, path);
  if (text === undefined) return <EmptyState text={t("edit.noFile", { path })} />;
  return (
    <Suspense fallback={<Skeleton active />}>
      <CodeEditor
        key={path}
        text={text}
        label={path}
        readOnly={readOnly}
        diagnostics={own}
        surroundings={{ path, files: draft.files, vocabulary }}
        goTo={goTo}
        onChange={(written) => onChange(withText(draft, path, written))}
      />
    </Suspense>
  );
}
