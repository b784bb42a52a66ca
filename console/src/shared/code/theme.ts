/** How JSON looks: from antd's tokens, so that it follows the theme. For viewers and editors alike. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type GlobalToken, theme } from "antd";
import { useMemo } from "react";
import { usePreferences } from "../../shell/PreferencesProvider";

export function useCodeTheme(): Extension {
  const { token } = theme.useToken();
  const { dark } = usePreferences();
  return useMemo(() => codeTheme(token, dark), [token, dark]);
}

const codeTheme = (token: GlobalToken, dark: boolean): Extension => [
  EditorView.theme(
    {
      "&": {
        color: token.colorText,
        backgroundColor: token.colorFillQuaternary,
        border: `1px solid ${token.colorBorderSecondary}`,
        borderRadius: `${token.borderRadius}px`,
        fontSize: `${token.fontSizeSM}px`,
      },
      "&.cm-focused": { outline: `2px solid ${token.colorPrimaryBorder}` },
      ".cm-scroller": { fontFamily: token.fontFamilyCode },
      ".cm-gutters": { backgroundColor: "transparent", color: token.colorTextTertiary, border: "none" },
      ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: token.colorFillTertiary },
      ".cm-tooltip": {
        color: token.colorText,
        backgroundColor: token.colorBgElevated,
        border: `1px solid ${token.colorBorder}`,
      },
      ".cm-cursor": { borderLeftColor: token.colorText },
    },
    { dark },
  ),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.propertyName, color: token.colorPrimaryText },
      { tag: tags.string, color: token.colorText },
      { tag: [tags.number, tags.bool, tags.null], color: token.colorInfoText },
      { tag: tags.comment, color: token.colorTextTertiary },
    ]),
  ),
];
