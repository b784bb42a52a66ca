import { theme } from "antd";
import type { ReactNode } from "react";

/** Two atoms and their bond. Decoration: the name stands beside it. */
export function Logo({ sizePx = 22 }: { readonly sizePx?: number }): ReactNode {
  const { token } = theme.useToken();
  return (
    <svg width={sizePx} height={sizePx} viewBox="0 0 32 32" aria-hidden focusable={false}>
      <g fill="none" stroke={token.colorPrimary} strokeWidth={3} strokeLinecap="round">
        <circle cx={9} cy={16} r={6} />
        <circle cx={23} cy={16} r={6} fill={token.colorPrimary} />
        <path d="M15 13h2M15 19h2" />
      </g>
    </svg>
  );
}
