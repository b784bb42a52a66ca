/** The head of every page: its title (also the document's), what it is about, and what can be done on it. */
import { Flex, Typography } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "react-router";

const product = "Valence";

export function PageHeader({
  title,
  subtitle,
  actions,
}: {
  readonly title: string;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
}): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname, key } = useLocation();
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title]);
  // After a navigation a screen reader is told where it is now; on the first page the browser does that itself.
  const isFirst = key === "default";
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
  }, [pathname, isFirst]);
  return (
    <Flex className="v-page-header" justify="space-between" align="center" gap="small" wrap>
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {subtitle === undefined ? null : <Typography.Text type="secondary">{subtitle}</Typography.Text>}
      </div>
      {actions === undefined ? null : (
        <Flex gap="small" wrap>
          {actions}
        </Flex>
      )}
    </Flex>
  );
}
