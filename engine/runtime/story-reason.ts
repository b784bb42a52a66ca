/** Why an order is in its state, in one sentence that names the proof. */
import type { StoryOrder, StoryPayment, StoryRun } from "../ports/story.js";

export function whyItStandsThere(
  order: StoryOrder | undefined,
  payments: readonly StoryPayment[],
  runs: readonly StoryRun[],
): string {
  // What needs a person comes first, whatever the order says meanwhile.
  const parked = runs.find(({ state }) => state === "parked");
  if (parked) {
    return `a person has to decide: run ${parked.runId} of flow ${parked.flow} is parked in ${parked.stage} (${parked.reason})`;
  }
  const payer = payments.find(({ paymentId }) => paymentId === order?.paidBy);
  if (payer) return `attempt ${payer.attempt} paid it through ${payer.channel}: ${proofOf(payer)}`;
  if (order?.error) {
    const last = payments.at(-1);
    const proof = last?.evidence ? `; attempt ${last.attempt} through ${last.channel}: ${proofOf(last)}` : "";
    return `${order.error.code}: ${order.error.detail}${proof}`;
  }
  const [first] = runs;
  if (!first) return "it has been accepted and no module has worked on it yet";
  return standing(first, order !== undefined);
}

function standing(run: StoryRun, logged: boolean): string {
  const [carrier] = run.carriedBy;
  if (run.state === "waiting") {
    const until = carrier?.kind === "timer" ? `, until ${iso(carrier.dueAtMs)} at the latest` : "";
    return `it waits for ${run.reason}${until}`;
  }
  if (run.state === "open") {
    const where = carrier?.kind === "message" ? `, in queue ${carrier.queue} (${carrier.state})` : "";
    return `it is under way to ${run.stage}${where}`;
  }
  const problem = run.problem ? `: ${run.problem.code}, ${run.problem.detail}` : "";
  return `its run ended as ${run.reason}${problem}${logged ? "" : "; no order was logged"}`;
}

function proofOf({ evidence, status }: StoryPayment): string {
  if (!evidence) return `${status}, no evidence is kept`;
  const { by, result, code, message, at } = evidence;
  const words = [code, message].filter((text) => text !== undefined && text !== null).join(" ");
  const when = typeof at === "number" ? ` at ${iso(at)}` : "";
  return `${String(by)} said ${String(result)}${words === "" ? "" : ` (${words})`}${when}`;
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
