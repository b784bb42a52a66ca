import type { Case } from "./case.js";

const pay = "pay.flow.json";
const charge = "transactions/channel.charge.json";
const resolve = "transactions/channel.resolve.json";
const notify = "transactions/notify.send.json";

export const effectCases: readonly Case[] = [
  {
    mistake: "an external atom without `inquire` or an idempotency key",
    files: {
      "transactions/forget.json": { "": { transaction: "forget", steps: [{ atom: "channel.forget" }] } },
    },
    says: ["transactions/forget.json:/steps/0/atom EFFECT_REPEAT_UNSAFE"],
  },
  {
    mistake: "an idempotency key the atom does not read",
    files: { [notify]: { "/steps/0/atom": "notify.loose" } },
    says: [`${notify}:/steps/0/atom EFFECT_KEY_UNREAD`],
  },
  {
    mistake: "a retry of a charge",
    files: { [charge]: { "/steps/1/retry": { max: 1, delayMs: 10 } } },
    says: [`${charge}:/steps/1/retry EFFECT_RETRY_UNSAFE`],
  },
  {
    mistake: "a call that runs after the transaction has ended",
    files: { [notify]: { "/steps/0/always": true } },
    says: [`${notify}:/steps/0/always EFFECT_ALWAYS_EXTERNAL`],
  },
  {
    mistake: "a charge whose result nobody stores",
    files: { [charge]: { "/steps/2": undefined }, [pay]: { "/stages/charge/on/conflict": undefined } },
    says: [`${charge}:/steps/1 EFFECT_RESULT_UNRECORDED`],
  },
  {
    mistake: "a charge whose result is stored only under a condition",
    files: { [charge]: { "/steps/2/when": "amount > 5" } },
    says: [`${charge}:/steps/1 EFFECT_RESULT_UNRECORDED`],
  },
  {
    mistake: "a charge whose result is stored before it is known",
    files: {
      [resolve]: { "/steps": [{ atom: "payment.record", always: true }, { atom: "channel.inquire" }] },
    },
    says: [`${resolve}:/steps/1 EFFECT_RESULT_UNRECORDED`],
  },
  {
    mistake: "an unknown result that ends",
    files: { [pay]: { "/stages/charge/on/unknown": "end:failed" } },
    says: [`${pay}:/stages/charge/on/unknown EFFECT_UNKNOWN_ENDS`],
    words: /"charge" -unknown-> end:failed/,
  },
  {
    mistake: "no such payment, taken for an answer",
    files: {
      [resolve]: { "/steps/0": { atom: "channel.look" } },
      [pay]: {
        "/stages/resolve/on/pending": undefined,
        "/stages/resolve/on/unknown": undefined,
        "/stages/resolve/on/absent": "end:failed",
      },
    },
    says: [`${pay}:/stages/resolve/on/absent EFFECT_UNKNOWN_ENDS`],
  },
  {
    mistake: "a pending result that ends because time passed",
    files: { [pay]: { "/stages/wait/on/timeout": "end:failed" } },
    says: [`${pay}:/stages/wait/on/timeout EFFECT_UNKNOWN_ENDS`],
    words: /"charge" -pending-> "wait" -timeout-> end:failed/,
  },
  {
    mistake: "a pending result that ends because it was waited for too often",
    files: { [pay]: { "/stages/wait/on/exhausted": "end:failed" } },
    says: [`${pay}:/stages/wait/on/exhausted EFFECT_UNKNOWN_ENDS`],
  },
  {
    mistake: "a pending result that ends with a signal that is not the institution's word",
    files: { [pay]: { "/stages/wait/on/cancelled": "end:cancelled" } },
    says: [`${pay}:/stages/wait/on/cancelled EFFECT_UNKNOWN_ENDS`],
  },
  {
    mistake: "an inquiry that does not know either, and ends",
    files: { [pay]: { "/stages/resolve/on/unknown": "end:failed" } },
    says: [`${pay}:/stages/resolve/on/unknown EFFECT_UNKNOWN_ENDS`],
  },
  {
    mistake: "an inquiry that was skipped, and ends",
    files: { [resolve]: { "/steps/0/when": "amount > 5" }, [pay]: { "/stages/resolve/on/ok": "end:fine" } },
    says: [`${pay}:/stages/resolve/on/ok EFFECT_UNKNOWN_ENDS`],
  },
  {
    mistake: "a way round the inquiry through another transaction",
    files: {
      [pay]: {
        "/stages/charge/on/unknown": "note",
        "/stages/note": { transaction: "note", queue: "flow.pay", on: { ok: "end:noted" } },
      },
      "transactions/note.json": { "": { transaction: "note", steps: [{ atom: "note.keep" }] } },
    },
    says: [`${pay}:/stages/note/on/ok EFFECT_UNKNOWN_ENDS`],
    words: /"charge" -unknown-> "note" -ok-> end:noted/,
  },
  {
    mistake: "a charge whose result lost its race, and ends",
    files: { [pay]: { "/stages/charge/on/conflict": "end:lost" } },
    says: [`${pay}:/stages/charge/on/conflict EFFECT_CONFLICT_ENDS`],
  },
];
