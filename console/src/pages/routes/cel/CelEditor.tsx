/** A condition in CEL: highlighted, completed, with what is wrong marked where it stands and said below. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { type Diagnostic as Mark, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { type ReactNode, useEffect, useId, useRef } from "react";
import type { Diagnostic, RouteWord } from "../../../api/routes";
import { useCodeTheme } from "../../../shared/code/theme";
import { Problems } from "../Problems";
import { celCompletion } from "./completion";
import { cel } from "./language";

export interface CelEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What may be written. */
  readonly words: readonly RouteWord[];
  readonly diagnostics: readonly Diagnostic[];
  /** What it is, for those who do not see it. */
  readonly label: string;
  /** Shown while it is empty: what empty means. */
  readonly emptyText: string;
  readonly readOnly: boolean;
  readonly testId: string;
}

export function CelEditor(props: CelEditorProps): ReactNode {
  const { value, diagnostics, testId } = props;
  const problemsId = useId();
  const parent = useRef<HTMLDivElement>(null);
  const view = useEditor(parent, props, problemsId);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [view, value]);
  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, marksOf(diagnostics, editor.state.doc.length)));
  }, [view, diagnostics, value]);
  return (
    <div data-testid={testId} data-wrong={diagnostics.length > 0}>
      <div ref={parent} />
      <Problems id={problemsId} diagnostics={diagnostics} />
    </div>
  );
}

/** As high as the other fields of a rule. */
const roomy = EditorView.theme({ ".cm-content": { padding: "6px 0" } });

function useEditor(
  parent: React.RefObject<HTMLDivElement | null>,
  { value, onChange, words, label, emptyText, readOnly }: CelEditorProps,
  problemsId: string,
): React.RefObject<EditorView | undefined> {
  const theme = useCodeTheme();
  const view = useRef<EditorView>(undefined);
  // Read when the editor is made anew (another theme, another language); what is typed goes through the editor itself.
  const latest = useRef({ value, onChange });
  useEffect(() => {
    latest.current = { value, onChange };
  });
  useEffect(() => {
    if (!parent.current) return undefined;
    const changed = EditorView.updateListener.of(({ docChanged, state }) => {
      const text = state.doc.toString();
      if (docChanged && text !== latest.current.value) latest.current.onChange(text);
    });
    const editor = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          ...writing(readOnly, words),
          cel,
          theme,
          roomy,
          changed,
          placeholder(emptyText),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({
            "aria-label": label,
            "aria-describedby": problemsId,
            tabindex: "0",
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = undefined;
    };
  }, [parent, theme, words, label, emptyText, readOnly, problemsId]);
  return view;
}

/** Tab is left alone: it leads on to the next field. */
const writing = (readOnly: boolean, words: readonly RouteWord[]): readonly Extension[] =>
  readOnly
    ? [EditorState.readOnly.of(true), EditorView.editable.of(false)]
    : [history(), keymap.of([...defaultKeymap, ...historyKeymap]), celCompletion(words)];

/** The text may have been shortened since it was checked. */
const marksOf = (diagnostics: readonly Diagnostic[], length: number): readonly Mark[] =>
  diagnostics.map(({ range, message }) => ({
    from: Math.min(range?.start ?? 0, length),
    to: Math.min(range?.end ?? length, length),
    severity: "error",
    message,
  }));
