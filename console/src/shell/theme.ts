/**
 * The look of the console: an instrument panel. Cool paper by day, ink by night, one teal for what can be done, and
 * colour otherwise only where something is the matter. Pages take colours from antd's tokens and from `palette`.
 */
import { theme as antTheme, type ThemeConfig } from "antd";

/** Series of charts, in this order; told apart by people who confuse red and green, too (after Okabe and Ito). */
export const palette = {
  light: ["#0f8b8d", "#d07a00", "#3b6fb6", "#a4478a", "#6b7f1f", "#7a5c45", "#c4472f", "#5b6675"],
  dark: ["#35c4bf", "#f0a53c", "#74a7ee", "#d586bf", "#a9bf58", "#c09a7c", "#f0836b", "#9aa7b6"],
} as const;

const shared = {
  borderRadius: 4,
  // The compact algorithm takes two off: 13 pixels on the screen.
  fontSize: 15,
  fontFamily:
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif",
  fontFamilyCode: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  // Nothing moves that does not have to: an operator looks at many things at once.
  motionDurationMid: "0.12s",
  motionDurationSlow: "0.16s",
} as const;

const day = {
  colorPrimary: "#0c7779",
  colorInfo: "#2f66ad",
  colorSuccess: "#2c7a3f",
  colorWarning: "#a86200",
  colorError: "#bf3b26",
  colorLink: "#0c7779",
  colorTextBase: "#16212c",
  colorBgLayout: "#eef1f3",
  // What antd derives from the dark text colour is muddy.
  ...{ colorPrimaryBg: "#e1f1f1", colorPrimaryBgHover: "#cfe8e8", controlItemBgActive: "#e1f1f1" },
  ...{ colorSuccessBg: "#e8f4ea", colorSuccessBorder: "#b4d8bb" },
  ...{ colorWarningBg: "#fdf3e1", colorWarningBorder: "#efd3a2" },
  ...{ colorErrorBg: "#fcece9", colorErrorBorder: "#f0bfb5" },
  ...{ colorInfoBg: "#e9f0fa", colorInfoBorder: "#bcd2ee" },
} as const;

const night = {
  colorPrimary: "#2fb5b1",
  colorInfo: "#74a7ee",
  colorSuccess: "#5cb870",
  colorWarning: "#e09a35",
  colorError: "#ef7a63",
  colorLink: "#48c7c2",
  colorTextBase: "#dfe7ee",
  colorBgBase: "#10171e",
  // The dark algorithm would make these as blue as the sea.
  colorBgContainer: "#141d26",
  colorBgElevated: "#1b2630",
  colorBorder: "#33424f",
  colorBorderSecondary: "#24313c",
  colorBgLayout: "#0b1116",
} as const;

/** @param still the person does not want things to move */
export function themeOf(dark: boolean, still: boolean): ThemeConfig {
  return {
    algorithm: [dark ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm, antTheme.compactAlgorithm],
    token: { ...shared, ...(dark ? night : day), motion: !still },
    components: {
      Layout: { headerHeight: 48, headerPadding: "0 12px", siderBg: "transparent", triggerHeight: 40 },
      Menu: {
        itemBorderRadius: 4,
        itemBg: "transparent",
        subMenuItemBg: "transparent",
        activeBarBorderWidth: 0,
      },
      Card: { headerFontSize: 13 },
      Table: { headerBorderRadius: 4 },
    },
  };
}
