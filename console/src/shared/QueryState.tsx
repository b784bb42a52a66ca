/** Loading, failed, empty or there: the same everywhere. Data that was there stays when a later look fails. */
import type { UseQueryResult } from "@tanstack/react-query";
import { Flex, Skeleton } from "antd";
import type { ReactNode } from "react";
import { ProblemState } from "./ProblemState";

export function QueryState<Data>({
  query,
  children,
}: {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}): ReactNode {
  const { data, error, refetch } = query;
  if (data === undefined && error === null) return <Skeleton active aria-busy />;
  return (
    <Flex vertical gap="small">
      <ProblemState error={error} onRetry={refetch} />
      {data === undefined ? null : (
        <div className={error === null ? undefined : "v-stale"}>{children(data)}</div>
      )}
    </Flex>
  );
}
