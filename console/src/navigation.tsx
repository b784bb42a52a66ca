/**
 * Every page of the console, in the order in which they are shown: one line each. Who lacks the right does not see the
 * page. `README.md` tells how to add one.
 */
import {
  ApiOutlined,
  AuditOutlined,
  BranchesOutlined,
  DashboardOutlined,
  FileSearchOutlined,
  ForkOutlined,
  IdcardOutlined,
  InboxOutlined,
  TeamOutlined,
} from "@ant-design/icons";
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
  {
    path: "queues",
    group: "watch",
    icon: <InboxOutlined />,
    label: "queues:title",
    right: "watch",
    page: lazyPage(() => import("./pages/queues/QueuesPage"), "QueuesPage"),
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
  {
    path: "channels",
    group: "operate",
    icon: <ApiOutlined />,
    label: "channels:title",
    right: "watch",
    page: lazyPage(() => import("./pages/channels/ChannelsPage"), "ChannelsPage"),
  },
  {
    path: "routes",
    group: "operate",
    icon: <ForkOutlined />,
    label: "routes:title",
    right: "watch",
    page: lazyPage(() => import("./pages/routes/RoutesPage"), "RoutesPage"),
  },
  {
    path: "flows",
    group: "operate",
    icon: <BranchesOutlined />,
    label: "flows:title",
    right: "watch",
    page: lazyPage(() => import("./pages/flows/FlowsPage"), "FlowsPage"),
  },
  // Administer
  {
    path: "users",
    group: "administer",
    icon: <TeamOutlined />,
    label: "users:title",
    right: "users.manage",
    page: lazyPage(() => import("./pages/users/UsersPage"), "UsersPage"),
  },
  {
    path: "audit",
    group: "administer",
    icon: <AuditOutlined />,
    label: "audit:title",
    right: "audit.read",
    page: lazyPage(() => import("./pages/audit/AuditPage"), "AuditPage"),
  },
  // Self
  {
    path: "account",
    group: "self",
    icon: <IdcardOutlined />,
    label: "account:title",
    page: lazyPage(() => import("./pages/account/AccountPage"), "AccountPage"),
  },
];
