/**
 * Every page of the console, in the order in which they are shown: one line each. Who lacks the right does not see the
 * page. `README.md` tells how to add one.
 */
import { DashboardOutlined, FileSearchOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import type { Right } from "./api/session";
import { type LazyPage, lazyPage } from "./shell/lazyPage";

/** `self` pages stand in the menu of the person who is signed in. */
export const navigationGroups = ["watch", "operate", "administer", "self"] as const;
export type NavigationGroup = (typeof navigationGroups)[number];

export interface NavigationItem {
  /** Below `/`, without slashes; the page may route further below it. */
  readonly path: string;
  readonly group: NavigationGroup;
  readonly icon: ReactNode;
  /** Key of its name, with namespace: `orders:title`. */
  readonly label: string;
  /** Needed to see it; undefined: everybody who is signed in. */
  readonly right?: Right;
  readonly page: LazyPage;
}

export const navigation: readonly NavigationItem[] = [
  // Watch
  {
    path: "throughput",
    group: "watch",
    icon: <DashboardOutlined />,
    label: "throughput:title",
    right: "watch",
    page: lazyPage(() => import("./pages/throughput/ThroughputPage"), "ThroughputPage"),
  },
  // Operate
  {
    path: "orders",
    group: "operate",
    icon: <FileSearchOutlined />,
    label: "orders:title",
    right: "orders.read",
    page: lazyPage(() => import("./pages/orders/OrdersPage"), "OrdersPage"),
  },
  // Administer
  // Self
];
