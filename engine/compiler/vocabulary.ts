/** Everything a definition may refer to: given to the compiler, so that it stays a pure function. */
import type { AtomSpec, OutcomeSpec } from "../atom.js";
import type { Dictionary } from "../dictionary.js";

export interface QueuePattern {
  /** `flow.*`, `channel.{channel}`, `notify`: `*` is one lower-case name, `{field}` a field of the run. */
  readonly pattern: string;
  /** Which module serves it, for messages. */
  readonly module: string;
}

/** What a signal brings. */
export interface SignalSpec extends OutcomeSpec {
  /**
   * The signal is only ever given for the institution's own decided word (a verified callback, say), so that taking
   * it may lead from `unknown` to an end, as an inquiry may.
   */
  readonly resolves?: boolean;
}

export interface Vocabulary {
  readonly dictionary: Dictionary;
  readonly atoms: ReadonlyMap<string, AtomSpec>;
  /** Signals a wait may take, with the fields each brings. */
  readonly signals: Readonly<Record<string, SignalSpec>>;
  /** Topics and the fields their events carry. */
  readonly topics: Readonly<Record<string, OutcomeSpec>>;
  readonly queues: readonly QueuePattern[];
  /** Fields the engine itself puts into every run (merchantId, type, orderId ...); presets may not set them. */
  readonly system: readonly string[];
}
