/** The filters stand in the address: a search can be bookmarked, sent to a colleague and gone back to. */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { filterNames, type OrderFilters } from "../../api/orders";

export type ChangeFilters = (change: OrderFilters) => void;

export function useFilters(): readonly [OrderFilters, ChangeFilters] {
  const [parameters, setParameters] = useSearchParams();
  const filters = useMemo(
    () =>
      Object.fromEntries(
        filterNames.flatMap((name) => {
          const value = parameters.get(name);
          return value === null || value === "" ? [] : [[name, value]];
        }),
      ) as OrderFilters,
    [parameters],
  );
  const change = useCallback<ChangeFilters>(
    (wanted) =>
      setParameters(
        Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined && value !== "")),
      ),
    [setParameters],
  );
  return [filters, change];
}
