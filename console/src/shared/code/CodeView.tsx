/** Read-only CodeMirror for JSON. Imported lazily: see `JsonView`. */
import { json } from "@codemirror/lang-json";
import { codeFolding, foldGutter } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type ReactNode, useEffect, useRef } from "react";
import { useCodeTheme } from "./theme";

export function CodeView({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const parent = useRef<HTMLDivElement>(null);
  const codeTheme = useCodeTheme();
  useEffect(() => {
    if (!parent.current) return undefined;
    const view = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          json(),
          codeFolding(),
          foldGutter(),
          EditorView.lineWrapping,
          EditorState.readOnly.of(true),
          // Reached by the keyboard, to scroll and select, without offering a cursor that types nothing.
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          codeTheme,
        ],
      }),
    });
    return () => view.destroy();
  }, [text, label, codeTheme]);
  return <div ref={parent} data-testid="json" />;
}
