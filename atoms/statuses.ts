/** Sets of a payment's states that guards are made of; `paymentsTable` tells the ways between them. */

/** May become anything; `approved`, `declined` and `closed` are final and carry their evidence. */
export const undecidedStatuses = ["created", "sending", "pending", "unknown", "notSent"] as const;

/** Given up. Only the institution's own word that it charged all the same moves one of these. */
export const givenUpStatuses = ["closed", "declined"] as const;

/** What an order can still be paid in. */
export const unpaidOrderStatuses = ["processing", "requires_action"] as const;
