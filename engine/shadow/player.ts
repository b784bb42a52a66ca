/**
 * Plays one recorded run through a plan, with the executor that runs payments: over a store that keeps nothing, a bus
 * that hands nothing on, and a recording in place of the world. Time is that of the recording.
 *
 * What other runs did meanwhile is part of the recording, too: a race lost there is lost here, any other one is won.
 */
import { ValenceError } from "../errors.js";
import type { Delivery } from "../ports/bus.js";
import type { Clock } from "../ports/clock.js";
import type { RecordedSignal } from "../ports/recordings.js";
import type { Row, StoredSignal, Unit } from "../ports/store.js";
import { silent } from "../ports/telemetry.js";
import type { Plan, WaitStage } from "../compiler/plan.js";
import { merged } from "../rows.js";
import { advance } from "../runtime/advance.js";
import { neverCrash } from "../runtime/crash-points.js";
import { Executor } from "../runtime/executor.js";
import type { LinkedPlan, LinkedTransaction } from "../runtime/linked-plan.js";
import { type ReplyPayload, type RunBody, runBodyOf, startMessage } from "../runtime/message.js";
import type { RecordedEntry } from "./entries.js";
import { noRandom, nowhereBus, NowhereStore, recordedClock } from "./nowhere.js";
import { hopOf, type PlayedHop, type PlayedMove } from "./played.js";
import { NotRecorded, type Recording } from "./recording.js";
import { standIn } from "./stand-in.js";

export interface Played {
  readonly hops: readonly PlayedHop[];
  /** `end:paid`, `park:undecided`; absent when the recording does not say how it went on. */
  readonly end?: string;
  /** Where and why nobody can know how it goes on. */
  readonly unknown?: { readonly stage: string; readonly why: string };
}

export interface PlayerPorts {
  readonly clock: Clock;
  /** What atoms that compute may look at. */
  readonly atomPorts: unknown;
  /** Plans that events start runs of. */
  readonly plans: readonly Plan[];
}

/** Never rejects: what goes wrong is part of what was played. */
export async function play(
  recording: Recording,
  linked: LinkedPlan,
  input: Row,
  ports: PlayerPorts,
): Promise<Played> {
  const player = new Player(recording, linked, ports);
  const { runId, type, createdAtMs: acceptedAtMs } = recording.run;
  const hops: PlayedHop[] = [];
  let body = runBodyOf(startMessage(linked.plan, { runId, type, acceptedAtMs, fields: input }, {}));
  try {
    for (;;) {
      const { hop, next } = await player.enter(body);
      hops.push(hop);
      if (!next) return { hops, end: hop.next };
      body = next;
    }
  } catch (error) {
    return { hops, unknown: { stage: body.stage, why: whyOf(error) } };
  }
}

function whyOf(error: unknown): string {
  const cause = error instanceof ValenceError && error.cause instanceof NotRecorded ? error.cause : error;
  if (cause instanceof NotRecorded) return cause.why;
  return cause instanceof ValenceError ? cause.message : `it fails: ${String(cause)}`;
}

/** A timer fires so late at most while somebody looks after timers; until then what comes first counts. */
const timerLateMsMax = 5_000;

/** Who is to be answered in a replay: nobody outside of it. */
const caller = { replyTo: "shadow", correlationId: "shadow" };

class Player {
  readonly #executor: Executor;
  readonly #store: NowhereStore;
  readonly #played: LinkedPlan;
  readonly #entered = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  #early: readonly RecordedSignal[];
  #replies: ReplyPayload[] = [];
  #entry: RecordedEntry | undefined;
  #hasGuards = false;
  #nowMs: number;
  #dueAtMs: number | undefined;

  constructor(
    private readonly recording: Recording,
    linked: LinkedPlan,
    { clock, atomPorts, plans }: PlayerPorts,
  ) {
    this.#early = recording.early;
    this.#nowMs = recording.run.createdAtMs;
    this.#store = new NowhereStore({
      conflicts: (unit) => this.#conflicts(unit),
      pending: () => this.#pending(),
    });
    this.#played = standIn(linked, {
      answer: (stage, atom) => recording.answer(stage, atom, count(this.#asked, `${stage} ${atom}`)),
      placeOf: (stage, atom, nth) => this.#placeOf(stage, atom, nth),
      guarded: () => void (this.#hasGuards = true),
    });
    this.#executor = new Executor(
      {
        store: this.#store,
        bus: nowhereBus((reply) => void this.#replies.push(reply)),
        clock: recordedClock(clock, () => this.#nowMs),
        random: noRandom,
        telemetry: silent,
        catalogue: {
          version: 0,
          types: () => [],
          type: () => undefined,
          plans: () => plans,
          plan: async () => undefined,
          onChange: () => () => undefined,
        },
        crash: neverCrash,
        atomPorts,
      },
      () => undefined,
    );
  }

  /** @throws NotRecorded, ValenceError */
  async enter(body: RunBody): Promise<PlayedMove> {
    const stage = this.#played.stages.get(body.stage);
    if (!stage) throw new ValenceError("plan_unknown", `there is no stage ${body.stage}`);
    this.#entry = this.recording.entry(body.stage, count(this.#entered, body.stage));
    this.#nowMs = this.#entry?.points[0]?.atMs ?? this.#nowMs;
    const move = stage.kind === "wait" ? this.#wait(body, stage) : await this.#transaction(body, stage);
    this.#dueAtMs = move.dueAtMs;
    for (const signalId of move.taken)
      this.#early = this.#early.filter((signal) => signal.signalId !== signalId);
    return move;
  }

  async #transaction(body: RunBody, stage: LinkedTransaction): Promise<PlayedMove> {
    this.#hasGuards = false;
    this.#replies = [];
    const delivery: Delivery = {
      ...{ messageId: body.runId, queue: stage.queue, type: "run", body: body as unknown as Row },
      ...{ token: "", deliveryCount: 1, expired: false, queueWaitMs: 0 },
      ...caller,
    };
    await this.#executor.run(delivery, body, this.#played, stage);
    return hopOf(body, this.#store.taken(), this.#replies);
  }

  /** What ended the wait then ends it now, if it is a thing this wait takes and its own time is not over before. */
  #wait(body: RunBody, stage: WaitStage): PlayedMove {
    const { stage: name } = body;
    const entry = this.#entry;
    if (!entry || entry.outcome === "")
      throw new NotRecorded(`it would wait in ${name}, and nothing recorded says what for`);
    if (!stage.on[entry.outcome])
      throw new NotRecorded(
        `the wait ${name} was ended by ${entry.outcome}, which it does not take any more`,
      );
    if (entry.outcome !== "timeout" && this.#nowMs > (this.#dueAtMs ?? Infinity) + timerLateMsMax)
      throw new NotRecorded(`the wait ${name} would be over before ${entry.outcome} came`);
    const fields = merged(body.fields, entry.fields);
    const move = advance({
      plan: this.#played.plan,
      body: { ...body, fields },
      outcome: entry.outcome,
      nowMs: this.#nowMs,
      rowState: "waiting",
      rowHop: body.hop,
      pending: this.#pending(),
      signalsGiven: this.#pending().length,
      reply: caller,
    });
    const data: Row = { fields: merged(entry.fields, move.fields), next: move.next };
    return hopOf(body, [{ ...move, journal: [{ kind: "end", outcome: entry.outcome, data }] }], []);
  }

  /** The commit that lost its race then: the last one, or the one before a call that was not made any more. */
  #conflicts({ journal = [] }: Unit): boolean {
    const [point] = journal;
    const entry = this.#entry;
    if (entry?.outcome !== "conflict" || !this.#hasGuards || point?.outcome === "conflict") return false;
    if (point?.kind === "end") return true;
    const stage = this.#played.stages.get(entry.stage);
    const next = stage?.kind === "transaction" ? stage.steps[point?.step ?? 0] : undefined;
    return !entry.steps.some(({ atom }) => atom === next?.atom.name);
  }

  #pending(): readonly StoredSignal[] {
    const { runId } = this.recording.run;
    return this.#early
      .filter(({ givenAtMs }) => givenAtMs <= this.#nowMs)
      .map(({ signalId, signal, fields }) => ({ signalId, signal, fields, runId }));
  }

  #placeOf(stage: string, atom: string, nth: number): { hop: number; index: number } | undefined {
    const then = this.recording.linked.stages.get(stage);
    if (!this.#entry || then?.kind !== "transaction") return undefined;
    const places = then.steps.flatMap((step, index) => (step.atom.name === atom ? [index] : []));
    const index = places[nth];
    return index === undefined ? undefined : { hop: this.#entry.hop, index };
  }
}

/** How often it has happened before this time. */
function count(times: Map<string, number>, key: string): number {
  const before = times.get(key) ?? 0;
  times.set(key, before + 1);
  return before;
}
