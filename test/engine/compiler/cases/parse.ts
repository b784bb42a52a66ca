import { limits } from "../../../../engine/limits.js";
import type { Case } from "./case.js";

export const parseCases: readonly Case[] = [
  {
    mistake: "a file of no known kind",
    files: { "notes.json": "{}" },
    says: ["notes.json: PARSE_FILE_UNKNOWN"],
  },
  {
    mistake: "a flow in a folder of its own",
    files: { "old/pay.flow.json": "{}" },
    says: ["old/pay.flow.json: PARSE_FILE_UNKNOWN"],
  },
  {
    mistake: "more text than a definition set may have",
    files: { "types.json": " ".repeat(limits.definitionBytesMax) },
    says: ["types.json: PARSE_TOO_LARGE"],
  },
  { mistake: "an empty file", files: { "types.json": "" }, says: ["types.json: PARSE_SYNTAX"] },
  {
    mistake: "a missing brace; what refers to the flow is not blamed",
    files: { "pay.flow.json": '{ "flow": "pay", "input": [' },
    says: ["pay.flow.json:/input PARSE_SYNTAX"],
    words: /line 1, column 28/,
  },
  {
    mistake: "a trailing comma",
    files: {
      "transactions/order.settle.json":
        '{ "transaction": "order.settle",\n "steps": [{ "atom": "order.settle", }] }',
    },
    says: ["transactions/order.settle.json:/steps/0 PARSE_SYNTAX"],
    words: /line 2/,
  },
  {
    mistake: "two values where one belongs",
    files: { "transactions/order.settle.json": "{} {}" },
    says: ["transactions/order.settle.json: PARSE_SYNTAX"],
  },
  {
    mistake: "a number that is none",
    files: { "types.json": '{ "pay": { "flow": "pay", "title": "Payment", "set": { "amount": 1e999 } } }' },
    says: ["types.json:/pay/set/amount PARSE_SYNTAX"],
  },
  {
    mistake: "brackets without end",
    files: { "types.json": "[".repeat(100_000) },
    says: ["types.json: PARSE_TOO_DEEP"],
  },
  {
    mistake: "a type declared twice in types.json",
    files: {
      "types.json": '{ "pay": { "flow": "pay", "title": "A" }, "pay": { "flow": "pay", "title": "B" } }',
    },
    says: ["types.json:/pay PARSE_KEY_DUPLICATE"],
  },
  {
    mistake: "a key that would change what objects are",
    files: { "types.json": '{ "pay": { "flow": "pay", "title": "A", "set": { "__proto__": {} } } }' },
    says: ["types.json:/pay/set/__proto__ PARSE_KEY_FORBIDDEN"],
  },
];
