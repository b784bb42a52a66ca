import { Empty } from "antd";
import type { ReactNode } from "react";

/** Nothing to show, said in words, with what can be done about it. */
export function EmptyState({
  text,
  action,
}: {
  readonly text: string;
  readonly action?: ReactNode;
}): ReactNode {
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text} data-testid="empty">
      {action}
    </Empty>
  );
}
