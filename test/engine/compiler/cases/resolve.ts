import type { Case } from "./case.js";

const pay = "pay.flow.json";
const accept = "transactions/order.accept.json";
const notify = "notify.flow.json";

export const resolveCases: readonly Case[] = [
  {
    mistake: "two files declare the same flow",
    files: {
      "z.flow.json": {
        "": {
          flow: "pay",
          input: [],
          start: "x",
          stages: { x: { wait: "y", timeoutMs: 1, on: { timeout: "end:y" } } },
        },
      },
    },
    says: ["z.flow.json:/flow RESOLVE_NAME_TAKEN"],
    words: /pay\.flow\.json/,
  },
  {
    mistake: "two files declare the same transaction",
    files: { "transactions/z.json": { "": { transaction: "order.accept", steps: [{ atom: "note.keep" }] } } },
    says: ["transactions/z.json:/transaction RESOLVE_NAME_TAKEN"],
  },
  {
    mistake: "an input listed twice",
    files: { [pay]: { "/optional/-": "amount" } },
    says: [`${pay}:/optional/2 RESOLVE_LIST_REPEATS`],
  },
  {
    mistake: "a topic listed twice",
    files: { [notify]: { "/subscribe/-": "order.settled" } },
    says: [`${notify}:/subscribe/1 RESOLVE_LIST_REPEATS`],
  },
  {
    mistake: "an unknown atom; the flow that uses it is not blamed for what it would have written",
    files: { [accept]: { "/steps/3/atom": "route.chose" } },
    says: [`${accept}:/steps/3/atom RESOLVE_ATOM_UNKNOWN`],
    words: /did you mean "route\.choose"\?/,
  },
  {
    mistake: "a parameter of the wrong type",
    files: { [accept]: { "/steps/2/with/copies": "two" } },
    says: [`${accept}:/steps/2/with/copies RESOLVE_PARAMS_INVALID`],
  },
  {
    mistake: "a parameter outside its list",
    files: { [accept]: { "/steps/2/with/status": "lost" } },
    says: [`${accept}:/steps/2/with/status RESOLVE_PARAMS_INVALID`],
    words: /paying, paid/,
  },
  {
    mistake: "a parameter the atom does not have",
    files: { [accept]: { "/steps/2/with/colour": "red" } },
    says: [`${accept}:/steps/2/with/colour RESOLVE_PARAMS_INVALID`],
  },
  {
    mistake: "parameters for an atom that takes none",
    files: { [accept]: { "/steps/0/with": { strict: true } } },
    says: [`${accept}:/steps/0/with RESOLVE_PARAMS_INVALID`],
  },
  {
    mistake: "a condition that compares text with a number",
    files: { [accept]: { "/steps/1/when": "currency > 5" } },
    says: [`${accept}:/steps/1/when RESOLVE_CONDITION_INVALID`],
  },
  {
    mistake: "a condition that adds a whole number",
    files: { [accept]: { "/steps/1/when": "amount + 1 > 5" } },
    says: [`${accept}:/steps/1/when RESOLVE_CONDITION_INVALID`],
    words: /write 1\.0/,
  },
  {
    mistake: "a condition over a field nobody knows",
    files: { [accept]: { "/steps/1/when": "colour == 'red'" } },
    says: [`${accept}:/steps/1/when RESOLVE_CONDITION_INVALID`],
    words: /no field "colour"/,
  },
  {
    mistake: "a condition that is no sentence",
    files: { [accept]: { "/steps/1/when": "amount >" } },
    says: [`${accept}:/steps/1/when RESOLVE_CONDITION_INVALID`],
  },
  {
    mistake: "a condition that is not true or false",
    files: { [accept]: { "/steps/1/when": "amount" } },
    says: [`${accept}:/steps/1/when RESOLVE_CONDITION_INVALID`],
  },
  {
    mistake: "an unknown transaction; what follows the stage is not blamed",
    files: { [pay]: { "/stages/intake/transaction": "order.acept" } },
    says: [`${pay}:/stages/intake/transaction RESOLVE_TRANSACTION_UNKNOWN`],
    words: /did you mean "order\.accept"\?/,
  },
  {
    mistake: "a type of an unknown flow",
    files: { "types.json": { "/pay/flow": "pey" } },
    says: ["types.json:/pay/flow RESOLVE_FLOW_UNKNOWN"],
  },
  {
    mistake: "an input nobody knows",
    files: { [pay]: { "/input/-": "colour" } },
    says: [`${pay}:/input/4 RESOLVE_FIELD_UNKNOWN`],
  },
  {
    mistake: "a wait whose time comes from a field nobody knows",
    files: { [pay]: { "/stages/wait/timeoutField": "askAgian" } },
    says: [`${pay}:/stages/wait/timeoutField RESOLVE_FIELD_UNKNOWN`],
  },
  {
    mistake: "a wait whose time comes from a field that holds none",
    files: { [pay]: { "/stages/wait/timeoutField": "note" } },
    says: [`${pay}:/stages/wait/timeoutField RESOLVE_TIMEOUT_FIELD`],
  },
  {
    mistake: "a queue named after a field nobody knows",
    files: { [pay]: { "/stages/charge/queue": "channel.{chanel}" } },
    says: [`${pay}:/stages/charge/queue RESOLVE_FIELD_UNKNOWN`],
  },
  {
    mistake: "a type that presets a field nobody knows",
    files: { "types.json": { "/topup/set/colour": "red" } },
    says: ["types.json:/topup/set/colour RESOLVE_FIELD_UNKNOWN"],
  },
  {
    mistake: "a type that presets a field its flow does not take",
    files: { "types.json": { "/topup/set/note": "hello" } },
    says: ["types.json:/topup/set/note RESOLVE_PRESET_UNUSED"],
  },
  {
    mistake: "a preset of the wrong type",
    files: { "types.json": { "/topup/set/amount": "1" } },
    says: ["types.json:/topup/set/amount RESOLVE_PRESET_INVALID"],
  },
  {
    mistake: "a preset URL that is none",
    files: { "types.json": { "/topup/set/notifyUrl": "ftp://example.com" } },
    says: ["types.json:/topup/set/notifyUrl RESOLVE_PRESET_INVALID"],
  },
  {
    mistake: "a preset of what the engine sets",
    files: { "types.json": { "/topup/set/merchantId": "demo" } },
    says: ["types.json:/topup/set/merchantId RESOLVE_PRESET_SYSTEM"],
  },
  {
    mistake: "a queue no module serves",
    files: { [pay]: { "/stages/settle/queue": "ledger" } },
    says: [`${pay}:/stages/settle/queue RESOLVE_QUEUE_UNKNOWN`],
    words: /flow\.\* \(flow\)/,
  },
  {
    mistake: "a queue by the wrong field",
    files: { [pay]: { "/stages/charge/queue": "channel.{currency}" } },
    says: [`${pay}:/stages/charge/queue RESOLVE_QUEUE_UNKNOWN`],
  },
  {
    mistake: "an unknown topic",
    files: { [notify]: { "/subscribe/0": "order.settle" } },
    says: [`${notify}:/subscribe/0 RESOLVE_TOPIC_UNKNOWN`],
  },
  {
    mistake: "an input that events carry only sometimes",
    files: { [notify]: { "/input/-": "subject", "/optional": [] } },
    says: [`${notify}:/input/1 RESOLVE_TOPIC_FIELD_MISSING`],
  },
  {
    mistake: "an optional field that events never carry",
    files: { [notify]: { "/optional/-": "note" } },
    says: [`${notify}:/optional/1 RESOLVE_TOPIC_FIELD_MISSING`],
  },
  {
    mistake: "a wait for an unknown signal",
    files: { [pay]: { "/stages/wait/on/payed": "settle" } },
    says: [`${pay}:/stages/wait/on/payed RESOLVE_SIGNAL_UNKNOWN`],
    words: /did you mean "paid"\?/,
  },
  {
    mistake: "a start that is no stage",
    files: { [pay]: { "/start": "intak" } },
    says: [`${pay}:/start RESOLVE_START_UNKNOWN`],
  },
  {
    mistake: "a target that is no stage",
    files: { [pay]: { "/stages/intake/on/ok": "chrage" } },
    says: [`${pay}:/stages/intake/on/ok RESOLVE_TARGET_UNKNOWN`],
    words: /did you mean "charge"\?/,
  },
  {
    mistake: "a target named like something every object has",
    files: { [pay]: { "/stages/intake/on/ok": "constructor" } },
    says: [`${pay}:/stages/intake/on/ok RESOLVE_TARGET_UNKNOWN`],
  },
  {
    mistake: "a transaction file with errors is not also an unknown transaction",
    files: { [accept]: { "/steps/0/atom": undefined } },
    says: [`${accept}:/steps/0 SHAPE_MISSING`],
  },
];
