/**
 * The atom contract. An atom is one reusable operation: it declares what it reads and writes (names of the data
 * dictionary), how it may end, and what it does to the world, and it is a function from JSON to JSON. It never runs
 * SQL and never sees the bus: a `store` atom *describes* writes, which lets the engine merge those of many runs into
 * one commit, and drop them whole when a gate fails.
 */
import type { JSONSchema } from "json-schema-to-ts";
import type { Problem } from "./errors.js";
import type { Write } from "./ports/store.js";

/** `pure` computes and may read reference data; `store` adds to the unit of work; `external` touches the world. */
export type Effect = "pure" | "store" | "external";

/** The fields an outcome leaves behind: `writes` always, `mayWrite` sometimes (readable only as optional). */
export interface OutcomeSpec {
  readonly writes?: readonly string[];
  readonly mayWrite?: readonly string[];
}

/** An event for a durable topic: every flow that subscribes to it starts a run of its own. */
export interface TopicEvent {
  readonly topic: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Something that happened to another run (a callback): stored until that run takes it. */
export interface SignalOut {
  readonly runId: string;
  readonly signal: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Announced instead when the run is over by the time the signal gets there: what it says must not go unheard. */
  readonly otherwise?: TopicEvent;
}

/** An answer to whoever started the run. Leaves after the commit, is not durable; a lost one is a 202. */
export interface Reply {
  readonly problem?: Problem;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface AtomResult {
  /** `ok` or a declared outcome; anything but `ok` ends the transaction early. */
  readonly outcome: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly writes?: readonly Write[];
  readonly events?: readonly TopicEvent[];
  readonly signals?: readonly SignalOut[];
  readonly reply?: Reply;
  /** What the journal keeps about this step beside outcome and time: the masked exchange with a channel, say. */
  readonly trace?: Readonly<Record<string, unknown>>;
}

/** What every atom may know about the run it works for. */
export interface RunInfo {
  readonly runId: string;
  readonly flow: string;
  readonly type: string;
  readonly stage: string;
  readonly hop: number;
  /** Epoch milliseconds at which the bridge accepted the request. */
  readonly acceptedAtMs: number;
}

export interface AtomContext<Ports = unknown> {
  readonly run: RunInfo;
  /** The step's `with`, validated against the atom's params schema when the definition was compiled. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly ports: Ports;
  /** Epoch milliseconds, from the clock port. */
  readonly nowMs: number;
  /**
   * The n-th UUIDv7 of this step: the same on every delivery of the same message, so that a repeat of the step
   * describes the same rows.
   */
  readonly id: (n?: number) => string;
  /** Aborted when the step times out or, for an external atom, when its send deadline passes. */
  readonly signal: AbortSignal;
  /** How many deliveries this message has had, 1 on the first. A hint. */
  readonly delivery: number;
}

export type AtomRun<Input, Ports> = (
  input: Input,
  context: AtomContext<Ports>,
) => AtomResult | Promise<AtomResult>;

/** The declaration the compiler reads. `run` is erased there: a plan can be proved without running anything. */
export interface AtomSpec {
  /** `domain.verb`, the name definitions use. */
  readonly name: string;
  /** Raise it when the behaviour that running work can see changes. Part of the plan hash. */
  readonly version: number;
  readonly title: string;
  readonly effect: Effect;
  readonly reads: readonly string[];
  /** Read when present. */
  readonly readsIfPresent?: readonly string[];
  /** Every way the atom may end. An atom that never ends `ok` does not list it. */
  readonly outcomes: Readonly<Record<string, OutcomeSpec>>;
  readonly params?: JSONSchema;
  /** A `store` atom with a write that can lose a race: its transaction gains the outcome `conflict`. */
  readonly guarded?: boolean;
  /** It looks at rows through its ports: whatever the run has written before must be committed by then. */
  readonly readsRows?: true;
  /** `external` only: a repeat with this field as the key has no second effect, so no intent row is needed. */
  readonly idempotentBy?: string;
  /** `external` only: finds out what a call whose result was lost has done. Same outcomes, same fields. */
  readonly inquire?: AtomRun<never, never>;
  /**
   * `external` only: the outcomes with which the institution itself says what has become of the request under our
   * number, whenever it was sent. Only these lead from `unknown` to an end; "no such request" is not one of them,
   * nor is "not sent": an earlier sending may still be on its way.
   */
  readonly decides?: readonly string[];
}

export interface Atom<Ports = unknown> extends Omit<AtomSpec, "inquire"> {
  readonly run: AtomRun<Readonly<Record<string, unknown>>, Ports>;
  readonly inquire?: AtomRun<Readonly<Record<string, unknown>>, Ports>;
}

/** The outcomes after which nobody knows yet what the world did. No end may follow without an inquiry or a close. */
export const undecidedOutcomes: readonly string[] = ["unknown", "pending"];
