import { limits } from "../../../../engine/limits.js";
import type { Case } from "./case.js";

const pay = "pay.flow.json";
const accept = "transactions/order.accept.json";

export const shapeCases: readonly Case[] = [
  { mistake: "a list instead of types", files: { "types.json": "[]" }, says: ["types.json: SHAPE_TYPE"] },
  {
    mistake: "a type without a title",
    files: { "types.json": { "/pay/title": undefined } },
    says: ["types.json:/pay SHAPE_MISSING"],
  },
  {
    mistake: "a misspelt key of a step",
    files: { [accept]: { "/steps/0/alway": true } },
    says: [`${accept}:/steps/0/alway SHAPE_EXTRA`],
  },
  {
    mistake: "a stage that is a wait and a transaction",
    files: { [pay]: { "/stages/wait/transaction": "order.settle" } },
    says: [`${pay}:/stages/wait/transaction SHAPE_EXTRA`],
  },
  {
    mistake: "a transaction stage without a queue",
    files: { [pay]: { "/stages/charge/queue": undefined } },
    says: [`${pay}:/stages/charge SHAPE_MISSING`],
    words: /'queue'/,
  },
  {
    mistake: "a wait without timeoutMs",
    files: { [pay]: { "/stages/wait/timeoutMs": undefined } },
    says: [`${pay}:/stages/wait SHAPE_MISSING`],
  },
  {
    mistake: "a wait of no time",
    files: { [pay]: { "/stages/wait/timeoutMs": 0 } },
    says: [`${pay}:/stages/wait/timeoutMs SHAPE_VALUE`],
  },
  {
    mistake: "a wait whose second time is too long",
    files: { [pay]: { "/stages/wait/timeoutMs/1": limits.waitTimeoutMsMax + 1 } },
    says: [`${pay}:/stages/wait/timeoutMs/1 SHAPE_VALUE`],
  },
  {
    mistake: "a wait of words",
    files: { [pay]: { "/stages/wait/timeoutMs": "1 s" } },
    says: [`${pay}:/stages/wait/timeoutMs SHAPE_TYPE`],
  },
  {
    mistake: "more entries than a stage may have",
    files: { [pay]: { "/stages/wait/entriesMax": limits.stageEntriesMax + 1 } },
    says: [`${pay}:/stages/wait/entriesMax SHAPE_VALUE`],
  },
  {
    mistake: "a step that may take longer than a lease allows",
    files: { [accept]: { "/steps/0/timeoutMs": limits.stepTimeoutMsMax + 1 } },
    says: [`${accept}:/steps/0/timeoutMs SHAPE_VALUE`],
  },
  {
    mistake: "more retries than a step may have",
    files: { [accept]: { "/steps/0/retry": { max: limits.stepRetriesMax + 1, delayMs: 1 } } },
    says: [`${accept}:/steps/0/retry/max SHAPE_VALUE`],
  },
  {
    mistake: "a target that is neither a stage nor an end nor a park",
    files: { [pay]: { "/stages/settle/on/ok": "stop:settled" } },
    says: [`${pay}:/stages/settle/on/ok SHAPE_VALUE`],
  },
  {
    mistake: "a stage whose name is not a name",
    files: { [pay]: { "/stages/Settle!": { wait: "x", timeoutMs: 1, on: { timeout: "settle" } } } },
    says: [`${pay}:/stages/Settle! SHAPE_NAME`],
  },
  {
    mistake: "two mistakes in two files are both told",
    files: { "types.json": { "/pay/title": 7 }, [accept]: { "/steps": [] } },
    says: ["types.json:/pay/title SHAPE_TYPE", `${accept}:/steps SHAPE_VALUE`],
  },
];
