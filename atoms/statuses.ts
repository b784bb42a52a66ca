/** Sets of a payment's states that guards are made of; `paymentsTable` tells the ways between them. */
import type { Row } from "../engine/ports/store.js";

/** May become anything; `approved`, `declined` and `closed` are final and carry their evidence. */
export const undecidedStatuses = ["created", "sending", "pending", "unknown", "notSent"] as const;

/** Given up. Only the institution's own word that it charged all the same moves one of these. */
export const givenUpStatuses = ["closed", "declined"] as const;

/** What an order can still be paid in. */
export const unpaidOrderStatuses = ["processing", "requires_action"] as const;

export const isUnpaidOrder = ({ status }: Row): boolean =>
  (unpaidOrderStatuses as readonly unknown[]).includes(status);

export const isGivenUp = ({ status }: Row): boolean =>
  (givenUpStatuses as readonly unknown[]).includes(status);
