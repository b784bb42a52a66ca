import type { ReactNode } from "react";
import type { Right } from "../api/session";
import { useRight } from "./SessionProvider";

/** Shows its children to those who may; `instead` to the others. The API checks again: this only saves a refusal. */
export function Can({
  right,
  children,
  instead = null,
}: {
  readonly right: Right;
  readonly children: ReactNode;
  readonly instead?: ReactNode;
}): ReactNode {
  return useRight(right) ? children : instead;
}
