/** An editor for one definition file: completion by vocabulary, and what the compiler says marked where it is. */
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, indentOnInput } from "@codemirror/language";
import { type Diagnostic as Mark, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import type { Diagnostic } from "../../../api/flows";
import { useCodeTheme } from "../../../shared/code/theme";
import { completionFor, type Surroundings } from "./complete";
import { rangeOf } from "./scan";

export interface CodeEditorProps {
  readonly text: string;
  readonly label: string;
  readonly readOnly: boolean;
  /** Of this file. */
  readonly diagnostics: readonly Diagnostic[];
  readonly surroundings: Surroundings;
  /** A pointer to be shown; another object shows it again. */
  readonly goTo: { readonly pointer: string } | undefined;
  readonly onChange: (text: string) => void;
}

/** Make one for each file (`key`): what is undone belongs to the file it was written in. */
export function CodeEditor(props: CodeEditorProps): ReactNode {
  const { text, diagnostics, goTo } = props;
  const parent = useRef<HTMLDivElement>(null);
  const view = useEditor(parent, props);
  useEffect(() => {
    const editor = view.current;
    // Somebody else has written it: a drafted type, the draft given up.
    if (!editor || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [view, text]);
  useEffect(() => {
    const editor = view.current;
    if (editor)
      editor.dispatch(setDiagnostics(editor.state, marksOf(diagnostics, editor.state.doc.toString())));
  }, [view, diagnostics, text]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || !goTo) return;
    const { from } = rangeOf(editor.state.doc.toString(), goTo.pointer);
    editor.dispatch({
      selection: { anchor: from },
      effects: EditorView.scrollIntoView(from, { y: "center" }),
    });
    editor.focus();
  }, [view, goTo]);
  return <div ref={parent} className="v-editor" data-testid="editor" />;
}

/** A row of text has at least one character to be underlined. */
const marksOf = (diagnostics: readonly Diagnostic[], text: string): Mark[] =>
  diagnostics.map(({ pointer, code, message, hint }) => {
    const { from, to } = rangeOf(text, pointer);
    return {
      from,
      to: Math.max(to, Math.min(from + 1, text.length)),
      severity: "error",
      source: code,
      message: `${message} (${hint})`,
    };
  });

function useEditor(
  parent: RefObject<HTMLDivElement | null>,
  props: CodeEditorProps,
): RefObject<EditorView | undefined> {
  const view = useRef<EditorView>(undefined);
  // The editor outlives renders: it asks for what is so now.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const codeTheme = useCodeTheme();
  const { label, readOnly } = props;
  useEffect(() => {
    if (!parent.current) return undefined;
    const editor = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          ...editing(readOnly),
          autocompletion({ override: [completionFor(() => latest.current.surroundings)] }),
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) latest.current.onChange(state.doc.toString());
          }),
          codeTheme,
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [parent, label, readOnly, codeTheme]);
  return view;
}

/** Tab leaves the editor, as everywhere on a page, unless it takes a completion. */
const editing = (readOnly: boolean): readonly Extension[] => [
  ...[lineNumbers(), foldGutter(), lintGutter(), json(), bracketMatching(), highlightActiveLine()],
  EditorView.lineWrapping,
  EditorState.tabSize.of(2),
  ...(readOnly
    ? [EditorState.readOnly.of(true)]
    : [
        ...[history(), indentOnInput(), closeBrackets()],
        keymap.of([
          { key: "Tab", run: acceptCompletion },
          ...[...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap],
        ]),
      ]),
];
