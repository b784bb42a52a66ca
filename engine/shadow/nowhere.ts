/** Ports for a run that must leave no trace: a store that keeps nothing, a bus that hands nothing on. */
import type { Bus } from "../ports/bus.js";
import type { Clock, Random } from "../ports/clock.js";
import type { CommitResult, Row, Store, StoredJournalEntry, StoredSignal, Unit } from "../ports/store.js";
import type { ReplyPayload } from "../runtime/message.js";

/** What decides how a commit ends where no database does. */
export interface Verdicts {
  /** The unit loses the race that its recording lost. */
  conflicts(unit: Unit): boolean;
  /** Signals that were there by now and that nobody has taken. */
  pending(): readonly StoredSignal[];
}

const refused = (what: string) => (): never => {
  throw new Error(`a replay does not ${what}`);
};

/** Remembers the units it is given until somebody asks for them. */
export class NowhereStore implements Store {
  #units: Unit[] = [];
  #hasShownSignals = false;

  constructor(private readonly verdicts: Verdicts) {}

  async commit(unit: Unit): Promise<CommitResult> {
    if (this.verdicts.conflicts(unit)) return { result: "conflict", table: "recorded" };
    // As when a signal is given between the look and the wait: the executor looks again, and finds it.
    if (!this.#hasShownSignals && entersWait(unit) && this.verdicts.pending().length > 0) {
      this.#hasShownSignals = true;
      return { result: "conflict", table: "runs" };
    }
    this.#units.push(unit);
    return { result: "committed" };
  }

  /** What was committed since the last time. */
  taken(): readonly Unit[] {
    const units = this.#units;
    this.#units = [];
    this.#hasShownSignals = false;
    return units;
  }

  /** Nothing is merged with anything. */
  shape(): { readonly key: readonly string[] } {
    return { key: [] };
  }

  async find(table: string): Promise<Row | undefined> {
    return table === "runs" ? { state: "open", signalsGiven: this.verdicts.pending().length } : undefined;
  }

  async journal(): Promise<readonly StoredJournalEntry[]> {
    return [];
  }

  async pendingSignals(): Promise<readonly StoredSignal[]> {
    return this.verdicts.pending();
  }
}

const entersWait = ({ writes }: Unit): boolean =>
  writes.some((write) => write.kind === "transition" && write.table === "runs" && write.to === "waiting");

/** @param hear what would have been answered to whoever started the run */
export const nowhereBus = (hear: (reply: ReplyPayload) => void): Bus => ({
  capabilities: {
    ...{ transactional: true, unique: true, delay: true, browse: false, countsLeased: false, oldest: false },
  },
  unsent: 0,
  // Every stage gets a message, and every message is ours to play.
  serves: () => false,
  permit: () => undefined,
  note: () => undefined,
  broadcast: (_topic, payload) => {
    hear(payload as ReplyPayload);
  },
  onBroadcast: () => () => undefined,
  consume: refused("consume"),
  publish: refused("publish"),
  release: refused("hand a message back"),
  depths: refused("look at queues"),
  browse: refused("look at queues"),
  deadLetters: refused("look at dead letters"),
  replay: refused("replay dead letters"),
  discard: refused("discard dead letters"),
  queues: refused("look at queues"),
});

/** The time of the recording; durations and deadlines are real. */
export const recordedClock = (real: Clock, nowMs: () => number): Clock => ({
  nowMs,
  monotonicMs: () => real.monotonicMs(),
  after: (delayMs, callback) => real.after(delayMs, callback),
});

/** Owners of journal entries that are never written. */
export const noRandom: Random = { id: () => "00000000-0000-7000-8000-000000000000", fraction: () => 0 };
