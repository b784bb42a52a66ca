/** Turns what an atom announced into messages: events start runs of the flows that subscribe, signals find their run. */
import type { AtomResult, TopicEvent } from "../atom.js";
import type { Plan } from "../compiler/plan.js";
import { deriveTimedId } from "../ids.js";
import type { OutgoingMessage } from "../ports/bus.js";
import type { Clock } from "../ports/clock.js";
import type { DueTimer } from "../ports/housekeeping.js";
import type { Catalogue } from "../registry/catalogue.js";
import type { Move } from "./advance.js";
import { type RunBody, type SignalBody, signalQueue, startMessage } from "./message.js";
import type { Row, StoredSignal } from "../ports/store.js";

/**
 * Ids are functions of run, hop, step and position, so a step that runs again announces the same things under the
 * same names, and whoever has them already drops them.
 */
export function publications(
  result: AtomResult,
  from: RunBody,
  step: number,
  { catalogue, clock }: { readonly catalogue: Catalogue; readonly clock: Clock },
): readonly OutgoingMessage[] {
  if (!result.events && !result.signals) return none;
  const nowMs = clock.nowMs();
  const events = (result.events ?? []).flatMap((event, index) =>
    startedBy(event, catalogue).map((plan) => {
      const runId = eventRunId(from.runId, { hop: from.hop, step, index, flow: plan.flow });
      const run = { runId, type: from.type, acceptedAtMs: nowMs, fields: event.fields };
      return startMessage(plan, run, { claim: true });
    }),
  );
  const signals = (result.signals ?? []).map((signal, index): OutgoingMessage => {
    const signalId = deriveTimedId(from.runId, `signal:${from.hop}:${step}:${index}`);
    return signalMessage({ signalId, ...signal });
  });
  return [...events, ...signals];
}

/** The run of `flow` that the `index`-th event of a step starts. */
export const eventRunId = (
  runId: string,
  { hop, step, index, flow }: { hop: number; step: number; index: number; flow: string },
): string => deriveTimedId(runId, `event:${hop}:${step}:${index}:${flow}`);

const none: readonly OutgoingMessage[] = [];

/** What is announced of a signal that its run never takes. */
export const belated = (
  { signalId, otherwise }: Pick<StoredSignal, "signalId" | "otherwise">,
  type: string,
  { catalogue, clock }: { readonly catalogue: Catalogue; readonly clock: Clock },
): readonly OutgoingMessage[] =>
  otherwise === undefined || otherwise === null
    ? []
    : startedBy(otherwise, catalogue).map((plan) => {
        const runId = deriveTimedId(signalId, `otherwise:${plan.flow}`);
        return startMessage(plan, { runId, type, acceptedAtMs: clock.nowMs(), fields: otherwise.fields }, {});
      });

/** The move with the announcements of what its run ends without having taken. */
export const announcing = (
  move: Move,
  type: string,
  ports: { readonly catalogue: Catalogue; readonly clock: Clock },
): Move =>
  move.left.length === 0
    ? move
    : { ...move, publish: [...move.publish, ...move.left.flatMap((signal) => belated(signal, type, ports))] };

const startedBy = ({ topic }: TopicEvent, catalogue: Catalogue): readonly Plan[] =>
  catalogue.plans().filter(({ subscribe }) => subscribe.includes(topic));

export const signalMessage = (body: SignalBody): OutgoingMessage => ({
  messageId: body.signalId,
  queue: signalQueue,
  type: "signal",
  body: body as unknown as Row,
});

/** Moving a timer to the bus twice gives one message: its id follows from run and hop. */
export const timerMessage = ({ runId, hop, signal }: DueTimer): OutgoingMessage =>
  signalMessage({ signalId: deriveTimedId(runId, `timer:${hop}`), runId, signal, fields: {}, hop });
