import { useMemo } from "react";
import { navigation, type NavigationItem } from "../navigation";
import { useSession } from "../session";

/** The pages this person may see. */
export function usePages(): readonly NavigationItem[] {
  const { rights } = useSession().user;
  return useMemo(
    () => navigation.filter(({ right }) => right === undefined || rights.includes(right)),
    [rights],
  );
}

/** The item of the navigation that a path belongs to. */
export const pageAt = (pathname: string): NavigationItem | undefined =>
  navigation.find(({ path }) => path === pathname.split("/")[1]);

/** The address of a page that may not be there; undefined when it is not. */
export const pageNamed = (path: string): string | undefined =>
  navigation.some((item) => item.path === path) ? `/${path}` : undefined;
