import type { Case } from "./case.js";

const pay = "pay.flow.json";
const accept = "transactions/order.accept.json";
const charge = "transactions/channel.charge.json";
const settle = "transactions/order.settle.json";

export const dataflowCases: readonly Case[] = [
  {
    mistake: "a field nobody writes, read by a step",
    files: { [pay]: { "/input": ["merchantId", "currency", "subject"] } },
    says: [`${accept}:/steps/1/when DATAFLOW_FIELD_UNASSIGNED`],
    words: /which nothing before it writes/,
  },
  {
    mistake: "a field written only under a `when`",
    files: { [accept]: { "/steps/-": { atom: "risk.weigh" } } },
    says: [`${accept}:/steps/4/atom DATAFLOW_FIELD_UNASSIGNED`],
    words: /step 1 \(risk\.score\) writes it only when amount > 5000000/,
  },
  {
    mistake: "a field an atom writes only sometimes",
    files: {
      [accept]: {
        "/steps": [
          { atom: "risk.guess" },
          { atom: "risk.weigh" },
          { atom: "order.log" },
          { atom: "route.choose" },
        ],
      },
      [pay]: { "/stages/intake/on/rejected": undefined },
    },
    says: [`${accept}:/steps/1/atom DATAFLOW_FIELD_UNASSIGNED`],
  },
  {
    mistake: "a field an `always` step reads after an early end skipped its writer",
    files: {
      [accept]: {
        "/steps": [
          { atom: "merchant.check" },
          { atom: "risk.score" },
          { atom: "order.log" },
          { atom: "route.choose" },
          { atom: "risk.weigh", always: true },
        ],
      },
    },
    says: [`${accept}:/steps/4/atom DATAFLOW_FIELD_UNASSIGNED`],
    words: /step 1 \(risk\.score\) does not write it on every path/,
  },
  {
    mistake: "a field a later stage reads after an early end skipped its writer",
    files: { [pay]: { "/stages/intake/on/noRoute": "charge" } },
    says: [`${pay}:/stages/charge/queue DATAFLOW_FIELD_UNASSIGNED`],
    words: /missing on the path "intake" -noRoute-> "charge"/,
  },
  {
    mistake: "a field that only one of two ways into a stage brings",
    files: { [pay]: { "/stages/charge/on/notSent": "settle" } },
    says: [`${settle}:/steps/0/atom DATAFLOW_FIELD_UNASSIGNED`],
    words: /"intake" -ok-> "charge" -notSent-> "settle"/,
  },
  {
    mistake: "a field a timeout does not bring",
    files: { [pay]: { "/stages/wait/on/timeout": "settle" } },
    says: [
      // The timeout also leads from `pending` to an end without an inquiry.
      `${pay}:/stages/settle/on/ok EFFECT_UNKNOWN_ENDS`,
      `${settle}:/steps/0/atom DATAFLOW_FIELD_UNASSIGNED`,
    ],
    words: /-timeout-> "settle"/,
  },
  {
    mistake: "a field dropped with the unit of work on conflict",
    files: {
      [settle]: { "/steps": [{ atom: "risk.score" }, { atom: "order.settle" }] },
      [pay]: {
        "/stages/settle/on/conflict": "weigh",
        "/stages/weigh": { transaction: "weigh", queue: "flow.pay", on: { ok: "end:weighed" } },
      },
      "transactions/weigh.json": { "": { transaction: "weigh", steps: [{ atom: "risk.weigh" }] } },
    },
    says: ["transactions/weigh.json:/steps/0/atom DATAFLOW_FIELD_UNASSIGNED"],
    words: /"settle" -conflict-> "weigh"/,
  },
  {
    mistake: "a condition over a field that may be missing",
    files: { [accept]: { "/steps/2/when": "business == 'topup'" } },
    says: [`${accept}:/steps/2/when DATAFLOW_FIELD_UNASSIGNED`],
  },
  {
    mistake: "a queue named after a field that may be missing",
    files: { [pay]: { "/stages/intake/queue": "channel.{channel}" } },
    says: [`${pay}:/stages/intake/queue DATAFLOW_FIELD_UNASSIGNED`],
  },
  {
    mistake: "a transaction with a mistake that two stages use: said once",
    files: {
      [pay]: {
        "/stages/charge/on/notSent": "settle",
        "/stages/intake/on/rejected": "again",
        "/stages/again": {
          transaction: "order.settle",
          queue: "flow.pay",
          on: { ok: "end:settled", conflict: "park:contested" },
        },
      },
    },
    says: [`${settle}:/steps/0/atom DATAFLOW_FIELD_UNASSIGNED`],
  },
  {
    mistake: "a step after one that never leaves `ok`",
    files: {
      [accept]: {
        "/steps": [{ atom: "merchant.refuse" }, { atom: "order.log" }, { atom: "note.keep", always: true }],
      },
      [pay]: {
        "/stages/intake/on": { rejected: "charge" },
        "/stages/charge/queue": "channel.sim",
        "/stages/resolve/queue": "channel.sim.follow",
      },
    },
    says: [`${accept}:/steps/1 DATAFLOW_STEP_DEAD`, `${charge}:/steps/0/atom DATAFLOW_FIELD_UNASSIGNED`],
  },
];
