/** Turns what an atom announced into messages: events start runs of the flows that subscribe, signals find their run. */
import type { AtomResult } from "../atom.js";
import { deriveTimedId } from "../ids.js";
import type { OutgoingMessage } from "../ports/bus.js";
import type { Clock } from "../ports/clock.js";
import type { DueTimer } from "../ports/housekeeping.js";
import type { Catalogue } from "../registry/catalogue.js";
import { signalQueue, startMessage, type RunBody } from "./message.js";
import type { Row } from "../ports/store.js";

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
  const nowMs = clock.nowMs();
  const events = (result.events ?? []).flatMap(({ topic, fields }, index) =>
    catalogue
      .plans()
      .filter(({ subscribe }) => subscribe.includes(topic))
      .map((plan) => {
        const runId = deriveTimedId(from.runId, `event:${from.hop}:${step}:${index}:${plan.flow}`);
        return startMessage(plan, { runId, type: from.type, acceptedAtMs: nowMs, fields }, { claim: true });
      }),
  );
  const signals = (result.signals ?? []).map(({ runId, signal, fields }, index): OutgoingMessage => {
    const signalId = deriveTimedId(from.runId, `signal:${from.hop}:${step}:${index}`);
    return signalMessage({ signalId, runId, signal, fields });
  });
  return [...events, ...signals];
}

export const signalMessage = (body: {
  readonly signalId: string;
  readonly runId: string;
  readonly signal: string;
  readonly fields: Row;
  readonly hop?: number;
}): OutgoingMessage => ({ messageId: body.signalId, queue: signalQueue, type: "signal", body });

/** Moving a timer to the bus twice gives one message: its id follows from run and hop. */
export const timerMessage = ({ runId, hop, signal }: DueTimer): OutgoingMessage =>
  signalMessage({ signalId: deriveTimedId(runId, `timer:${hop}`), runId, signal, fields: {}, hop });
