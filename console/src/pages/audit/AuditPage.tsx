/** What operators changed, newest first, and whether the chain of its lines is whole. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type AuditFilter, fetchAudit } from "../../api/audit";
import { PageHeader } from "../../shared/PageHeader";
import { ProblemState } from "../../shared/ProblemState";
import { AuditFilterBar } from "./AuditFilterBar";
import { AuditTable } from "./AuditTable";
import { Verification } from "./Verification";

export function AuditPage(): ReactNode {
  const { t } = useTranslation("audit");
  const [filter, setFilter] = useState<AuditFilter>({});
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery({
      queryKey: ["audit", filter],
      queryFn: ({ pageParam, signal }) => fetchAudit(filter, pageParam, signal),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: ({ before }) => before,
    });
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")} />
      <Flex vertical gap="small">
        <Verification />
        <AuditFilterBar onFilter={setFilter} />
        <ProblemState error={error} onRetry={refetch} />
        <AuditTable entries={entries} loading={isPending} />
        {hasNextPage ? (
          <Flex justify="center">
            <Button
              loading={isFetchingNextPage}
              onClick={() => void fetchNextPage()}
              data-testid="audit-older"
            >
              {t("older")}
            </Button>
          </Flex>
        ) : null}
      </Flex>
    </>
  );
}
