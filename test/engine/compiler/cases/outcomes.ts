import type { Case } from "./case.js";

const pay = "pay.flow.json";
const notify = "notify.flow.json";

export const outcomeCases: readonly Case[] = [
  {
    mistake: "an outcome nobody handles",
    files: { [pay]: { "/stages/charge/on/declined": undefined } },
    says: [`${pay}:/stages/charge/on OUTCOME_UNMAPPED`],
    words: /may end in "declined"/,
  },
  {
    mistake: "a lost race nobody handles",
    files: { [pay]: { "/stages/settle/on/conflict": undefined } },
    says: [`${pay}:/stages/settle/on OUTCOME_UNMAPPED`],
    words: /"conflict"/,
  },
  {
    mistake: "a bound without a way on",
    files: { [pay]: { "/stages/wait/on/exhausted": undefined } },
    says: [`${pay}:/stages/wait/on OUTCOME_UNMAPPED`],
    words: /"exhausted"/,
  },
  {
    mistake: "an outcome that can never happen",
    files: { [pay]: { "/stages/charge/on/ok": "settle" } },
    says: [`${pay}:/stages/charge/on/ok OUTCOME_NEVER`],
  },
  {
    mistake: "an end of a bound that was not set",
    files: { [pay]: { "/stages/settle/on/exhausted": "park:tired" } },
    says: [`${pay}:/stages/settle/on/exhausted OUTCOME_NEVER`],
  },
  {
    mistake: "a wait without a timeout",
    files: { [pay]: { "/stages/wait/on/timeout": undefined } },
    says: [`${pay}:/stages/wait/on OUTCOME_TIMEOUT_MISSING`],
  },
  {
    mistake: "a stage nobody reaches",
    files: { [pay]: { "/stages/attic": { wait: "nothing", timeoutMs: 1, on: { timeout: "settle" } } } },
    says: [`${pay}:/stages/attic OUTCOME_STAGE_UNREACHABLE`],
  },
  {
    mistake: "a loop without a bound",
    files: { [notify]: { "/stages/pause/entriesMax": undefined, "/stages/pause/on/exhausted": undefined } },
    says: [`${notify}:/stages/send OUTCOME_LOOP_UNBOUNDED`],
    words: /"send" -> "pause" -> "send"/,
  },
  {
    mistake: "a loop whose bound leads back into it",
    files: { [notify]: { "/stages/pause/on/exhausted": "send" } },
    says: [`${notify}:/stages/send OUTCOME_LOOP_UNBOUNDED`],
  },
  {
    mistake: "a flow that only goes round",
    files: { [notify]: { "/stages/send/on/delivered": "pause", "/stages/pause/on/exhausted": "send" } },
    says: [`${notify}:/stages OUTCOME_ENDLESS`],
  },
  {
    mistake: "a state that is both an end and a park",
    files: { [pay]: { "/stages/resolve/on/conflict": "park:settled" } },
    says: [`${pay}:/stages/settle/on/ok OUTCOME_STATE_AMBIGUOUS`],
  },
];
