import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useSearchParams } from "react-router";
import { type Group, groups, readHistory, type Throughput, type Tick } from "../../api/throughput";
import { useLiveEvent } from "../../live";

/** Spans that can be looked at. Minutes. */
export const spans = [5, 15, 60, 360, 1_440] as const;
export type Span = (typeof spans)[number];

/** Points of the shortest spans are 5 s and 15 s long; more often there is nothing new that matters. */
const refreshMsMin = 10_000;
const refreshMsMax = 60_000;

/** What is looked at stands in the address, so that it can be sent to somebody. */
export function useChoice(): {
  readonly minutes: Span;
  readonly group: Group;
  choose(choice: { readonly minutes?: Span; readonly group?: Group }): void;
} {
  const [search, setSearch] = useSearchParams();
  const minutes = spans.find((span) => String(span) === search.get("minutes")) ?? 15;
  const group = groups.find((name) => name === search.get("by")) ?? "modules";
  return {
    minutes,
    group,
    choose: (choice) =>
      setSearch({ minutes: String(choice.minutes ?? minutes), by: choice.group ?? group }, { replace: true }),
  };
}

export const useHistory = (minutes: Span): UseQueryResult<Throughput> =>
  useQuery({
    queryKey: ["throughput", minutes],
    queryFn: ({ signal }) => readHistory(minutes, signal),
    refetchInterval: ({ state: { data } }) =>
      Math.min(refreshMsMax, Math.max(refreshMsMin, (data?.windowS ?? 0) * 1_000)),
    // While another span is fetched, the one before stays.
    placeholderData: keepPreviousData,
  });

/** The newest last minute: not every tick has one. */
export function useLastMinute(): Throughput | undefined {
  const [lastMinute, setLastMinute] = useState<Throughput>();
  useLiveEvent<Tick>(
    "tick",
    useCallback((tick) => {
      if (tick.lastMinute) setLastMinute(tick.lastMinute);
    }, []),
  );
  return lastMinute;
}
