/**
 * Who may do what to a running system. A right names one kind of deed; a role is a set of rights; a person has one
 * role. The table below is the only place that joins them: every admin route declares the right it needs, and the
 * server asks this table, whatever a page shows or hides.
 */

export const rights = [
  /** See modules, queues, channels, flows, rules and figures. */
  "watch",
  /** See orders, their stories and their payers' masked data. */
  "orders.read",
  /** Inquire, notify again, close an order, release a parked run. */
  "orders.act",
  /** Give money back. */
  "orders.refund",
  /** Replay and discard dead letters. */
  "queues.act",
  /** Open, drain, close and redirect channels. */
  "channels.switch",
  /** Put routing rules in force. */
  "routes.change",
  /** Put flow definitions in force. */
  "flows.change",
  /** Make, change and lock users. */
  "users.manage",
  /** Read and verify the audit. */
  "audit.read",
] as const;

export type Right = (typeof rights)[number];

export const roles = ["super", "system", "business"] as const;

/** `super`: super administrator; `system`: system administrator; `business`: business administrator. */
export type Role = (typeof roles)[number];

const rightsByRole: Readonly<Record<Role, readonly Right[]>> = {
  super: rights,
  system: [
    "watch",
    "orders.read",
    "queues.act",
    "channels.switch",
    "routes.change",
    "flows.change",
    "audit.read",
  ],
  business: ["watch", "orders.read", "orders.act", "orders.refund", "channels.switch"],
};

/** In the order of the table of rights. */
export const rightsOf = (role: Role): readonly Right[] => rightsByRole[role];
