import type { GlobalToken } from "antd";
import { palette } from "../../shell/theme";

/** antd's tokens as a theme of echarts. */
export function chartTheme(token: GlobalToken, dark: boolean): object {
  const axis = {
    axisLine: { lineStyle: { color: token.colorBorder } },
    axisTick: { lineStyle: { color: token.colorBorder } },
    axisLabel: { color: token.colorTextSecondary },
    nameTextStyle: { color: token.colorTextSecondary },
    splitLine: { lineStyle: { color: token.colorBorderSecondary } },
  };
  return {
    color: dark ? palette.dark : palette.light,
    backgroundColor: "transparent",
    textStyle: { color: token.colorText, fontFamily: token.fontFamily, fontSize: token.fontSizeSM },
    legend: { textStyle: { color: token.colorTextSecondary }, itemHeight: 8, itemWidth: 14 },
    tooltip: {
      backgroundColor: token.colorBgElevated,
      borderColor: token.colorBorder,
      textStyle: { color: token.colorText, fontSize: token.fontSizeSM },
    },
    line: { symbol: "none", lineStyle: { width: 1.5 } },
    timeAxis: axis,
    valueAxis: axis,
    categoryAxis: axis,
  };
}
