/** Finds orders. A number that is pasted leads to its order at once; everything else narrows the list below. */
import { ReloadOutlined } from "@ant-design/icons";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Button, Flex, Grid, Skeleton, Typography } from "antd";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { type OrderFilters, type OrderPage, searchOrders } from "../../api/orders";
import { EmptyState } from "../../shared/EmptyState";
import { PageHeader } from "../../shared/PageHeader";
import { ProblemState } from "../../shared/ProblemState";
import { useFormat } from "../../shared/useFormat";
import { FilterBar } from "./FilterBar";
import { NumberSearch } from "./NumberSearch";
import { OrderCards, OrderTable } from "./OrderTable";
import { useFilters } from "./useFilters";

/** The first page of a list is looked at again this often; further pages stay as they were read. */
const lookAgainMs = 5_000;

function useOrders(filters: OrderFilters) {
  return useInfiniteQuery({
    queryKey: ["orders", filters],
    queryFn: ({ pageParam, signal }) => searchOrders(filters, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }: OrderPage) => next,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : lookAgainMs),
    placeholderData: keepPreviousData,
  });
}

export function OrderList(): ReactNode {
  const { t } = useTranslation("orders");
  const [filters, change] = useFilters();
  const query = useOrders(filters);
  const { data, error, isPlaceholderData, refetch, isFetching } = query;
  const orders = data?.pages.flatMap((page) => page.orders) ?? [];
  useOnlyHit(filters.number, !isPlaceholderData && orders.length === 1 ? orders[0]?.orderId : undefined);
  const isWide = Grid.useBreakpoint().md ?? true;
  const List = isWide ? OrderTable : OrderCards;
  return (
    <Flex vertical gap="small">
      <PageHeader
        title={t("title")}
        subtitle={t("subtitle")}
        actions={
          <Button icon={<ReloadOutlined />} loading={isFetching} onClick={() => void refetch()}>
            {t("refresh")}
          </Button>
        }
      />
      <NumberSearch key={filters.number ?? ""} filters={filters} onChange={change} />
      <FilterBar filters={filters} onChange={change} />
      <ProblemState error={error} onRetry={refetch} />
      {data === undefined ? (
        error === null ? (
          <Skeleton active aria-busy />
        ) : null
      ) : orders.length === 0 ? (
        <Nothing filters={filters} stopped={data.pages.at(-1)?.next !== undefined} />
      ) : (
        <List orders={orders} />
      )}
      <More query={query} />
    </Flex>
  );
}

/** A number that one order has is a question about that order. */
function useOnlyHit(number: string | undefined, orderId: string | undefined): void {
  const navigate = useNavigate();
  useEffect(() => {
    if (number !== undefined && orderId !== undefined)
      void navigate(`/orders/${encodeURIComponent(orderId)}`, { replace: true });
  }, [number, orderId, navigate]);
}

function Nothing({
  filters,
  stopped,
}: {
  readonly filters: OrderFilters;
  readonly stopped: boolean;
}): ReactNode {
  const { t } = useTranslation("orders");
  if (stopped) return null;
  if (filters.number === undefined) return <EmptyState text={t("list.none")} />;
  // What was rejected before it was logged is no order, but its run tells why.
  return (
    <EmptyState
      text={t("list.noNumber", { number: filters.number })}
      action={<Link to={`/orders/${encodeURIComponent(filters.number)}`}>{t("list.lookForRun")}</Link>}
    />
  );
}

function More({ query }: { readonly query: ReturnType<typeof useOrders> }): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  const last = query.data?.pages.at(-1);
  if (last?.next === undefined) return null;
  const { searchedBackToMs } = last;
  return (
    <Flex vertical align="center" gap="small">
      {searchedBackToMs === undefined ? null : (
        <Typography.Text type="secondary" role="status" data-testid="searched-back">
          {t("list.searchedBack", { time: format.dateTime(searchedBackToMs) })}
        </Typography.Text>
      )}
      <Button
        loading={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
        data-testid="more"
      >
        {t(searchedBackToMs === undefined ? "list.more" : "list.goOn")}
      </Button>
    </Flex>
  );
}
