import { Skeleton } from "antd";
import { lazy, type ReactNode, Suspense } from "react";

// CodeMirror is fetched with the first JSON that is shown.
const Code = lazy(async () => ({ default: (await import("./code/CodeView")).CodeView }));

/** A value as JSON: highlighted, foldable, to be selected and searched, not to be changed. */
export function JsonView({
  value,
  label,
}: {
  readonly value: unknown;
  /** What it is, for those who do not see it. */
  readonly label: string;
}): ReactNode {
  return (
    <Suspense fallback={<Skeleton active title={false} />}>
      <Code text={JSON.stringify(value, null, 2) ?? "undefined"} label={label} />
    </Suspense>
  );
}
