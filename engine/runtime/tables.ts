/** Tables the engine itself writes through units of work. */
import type { TableSpec } from "../ports/store.js";

/**
 * One row per run, written when the first stage commits and at every wait, park and end: never on the way between
 * two stages, whose story the journal tells.
 *
 * `open` -> `waiting` -> `open` ... -> `ended`; `open` or `waiting` -> `parked` -> `open`.
 */
export const runsTable: TableSpec = {
  name: "runs",
  schema: "core",
  key: ["runId"],
  status: "state",
  columns: {
    runId: "uuid",
    flow: "text",
    type: "text",
    planHash: "text",
    /** What the run is about; how an order finds its runs. */
    orderId: "uuid",
    merchantId: "text",
    state: "text",
    /** Stage of the last write of this row. */
    stage: "text",
    hop: "int",
    /** Name of the end state, or why it is parked. */
    reason: "text",
    problem: "json",
    /** The message body to go on with: at the start (for the sweep), in a wait, when parked. */
    body: "json",
    signalsGiven: "int",
    createdAt: "timestamp",
    updatedAt: "timestamp",
  },
};

export const timersTable: TableSpec = {
  name: "timers",
  schema: "core",
  key: ["runId", "hop"],
  columns: { runId: "uuid", hop: "int", signal: "text", dueAt: "timestamp" },
};

export const signalsTable: TableSpec = {
  name: "signals",
  schema: "core",
  key: ["signalId"],
  status: "state",
  columns: {
    signalId: "uuid",
    runId: "uuid",
    signal: "text",
    state: "text",
    fields: "json",
    otherwise: "json",
    givenAt: "timestamp",
  },
};

/** What operators changed: who, when, from, to, why. Rows are added and never touched again. */
export const auditTable: TableSpec = {
  name: "audit",
  schema: "config",
  key: ["auditId"],
  columns: {
    auditId: "uuid",
    who: "text",
    /** `run.release`, `definitions.activate`. */
    action: "text",
    subject: "text",
    before: "json",
    after: "json",
    reason: "text",
  },
};

export const engineTables: readonly TableSpec[] = [runsTable, timersTable, signalsTable, auditTable];
