/** Reads the durable points of one hop and says where a repeated delivery goes on. Pure. */
import type { Delivery, OutgoingMessage } from "../ports/bus.js";
import type { Row, StoredJournalEntry } from "../ports/store.js";
import { type RunBody, runMessage } from "./message.js";

/** One step as the journal and the story of an order show it. */
export interface StepTrace {
  readonly atom: string;
  readonly outcome: string;
  readonly elapsedMs: number;
  readonly inquired?: boolean;
  readonly trace?: Row;
}

export interface ResumePoint {
  readonly state: "durable";
  /** The number of the next durable point. */
  readonly point: number;
  /** The step to go on with. */
  readonly step: number;
  /** It is an intent without a result: ask before anything else. */
  readonly inquire: boolean;
  /** Milliseconds until asking makes sense; not positive when it does now. */
  readonly sendDeadlineInMs: number;
  /** Everything this hop has written durably. */
  readonly fields: Row;
  readonly steps: readonly StepTrace[];
}

/** `fresh`: nothing of the hop is durable, although points may have been taken by marks. */
export type Resume =
  | ResumePoint
  | { readonly state: "fresh"; readonly point: number }
  /** `carried`: its message was kept for the next hop; what the entry says about that one. */
  | { readonly state: "finished"; readonly carried?: Row };

export function resumePoint(entries: readonly StoredJournalEntry[], stepCount: number): Resume {
  const point = nextPoint(entries);
  const last = entries.findLast(({ kind }) => kind !== "mark");
  if (!last) return { state: "fresh", point };
  if (last.kind === "end" || last.step >= stepCount)
    return last.data["carried"] === true ? { state: "finished", carried: last.data } : { state: "finished" };
  return {
    state: "durable",
    point,
    step: last.step,
    inquire: last.kind === "intent",
    sendDeadlineInMs: last.sendDeadlineInMs ?? 0,
    // Each durable point repeats the fields and steps before it.
    fields: (last.data["fields"] as Row | undefined) ?? {},
    steps: (last.data["steps"] as readonly StepTrace[] | undefined) ?? [],
  };
}

/** The number of the hop's next durable point. */
export const nextPoint = (entries: readonly StoredJournalEntry[]): number =>
  (entries.at(-1)?.point ?? -1) + 1;

/** The message of the hop that a finished one was carried on with. `ended`: the journal's last word about the latter. */
export function carriedMessage(
  { body, delivery }: { readonly body: RunBody; readonly delivery: Delivery },
  ended: Row,
): OutgoingMessage {
  const { queue, body: next } = ended["message"] as { readonly queue: string; readonly body: RunBody };
  const { replyTo, correlationId } = delivery;
  const fields = { ...body.fields, ...(ended["fields"] as Row) };
  return runMessage(
    queue,
    { ...next, fields, republished: true },
    {
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(correlationId === undefined ? {} : { correlationId }),
    },
  );
}
