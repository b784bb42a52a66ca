/** Tables the admin API itself writes. */
import type { TableSpec } from "../../../engine/ports/store.js";

/**
 * What operators did to orders, once per `actionId`: the client chooses it, so that a double click, or a repeat after an
 * answer that was lost, names the same row and gets the answer of the first. Rows are added and never changed; the
 * audit keeps a line of its own.
 */
export const operatorActionsTable: TableSpec = {
  name: "operatorActions",
  schema: "core",
  key: ["actionId"],
  columns: {
    actionId: "uuid",
    /** Null for a run that is about no order. */
    orderId: "uuid",
    action: "text",
    input: "json",
    answer: "json",
    who: "text",
    reason: "text",
    at: "timestamp",
  },
};
