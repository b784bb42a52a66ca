/**
 * The shadow replay: the last recorded runs of a flow, played through definitions that are not in force. Nothing is
 * written, published or called. What institutions, merchants and rows of others said is taken from the journal; time
 * is that of the recording; reference data (merchants, channels, routes) is that of now.
 */
import type { Atom } from "../atom.js";
import type { Compiled, Plan } from "../compiler/plan.js";
import type { Dictionary } from "../dictionary.js";
import { ValenceError } from "../errors.js";
import { type Clock, sleep } from "../ports/clock.js";
import type { RecordedRun, Recordings } from "../ports/recordings.js";
import type { Row } from "../ports/store.js";
import type { Catalogue } from "../registry/catalogue.js";
import { linkPlan, type LinkedPlan } from "../runtime/linked-plan.js";
import { compareRuns, pathOf, type PathStep, type Verdict } from "./compare.js";
import { type Played, play } from "./player.js";
import { startOf } from "./start.js";
import { Recording } from "./recording.js";

export interface ShadowPorts {
  readonly recordings: Recordings;
  /** The definitions in force, and every plan a recorded run was pinned to. */
  readonly catalogue: Catalogue;
  readonly atoms: ReadonlyMap<string, Atom<never>>;
  readonly dictionary: Dictionary;
  /** What atoms see; nothing in it may reach the outside but reference data. */
  readonly atomPorts: unknown;
  readonly clock: Clock;
}

export interface ShadowRequest {
  readonly compiled: Compiled;
  readonly flow: string;
  /** Runs to play, at most. */
  readonly count: number;
  /** Milliseconds after which no further run is begun. */
  readonly budgetMs: number;
  /** Aborted: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export type ShadowRun = Verdict & {
  readonly runId: string;
  readonly type: string;
  readonly atMs: number;
  readonly recorded: { readonly path: readonly PathStep[]; readonly end: string };
  readonly replayed: { readonly path: readonly PathStep[]; readonly end?: string };
};

export interface ShadowReport {
  readonly flow: string;
  /** Of the plan that was tried. */
  readonly hash: string;
  readonly runs: readonly ShadowRun[];
  readonly same: number;
  readonly differs: number;
  readonly unknown: number;
  /** Recorded runs that there was no time for. */
  readonly left: number;
  readonly elapsedMs: number;
}

/** A plan ready to be played, and what its events start. */
interface Side {
  readonly linked: LinkedPlan;
  readonly plans: readonly Plan[];
}

export class ShadowReplay {
  constructor(private readonly ports: ShadowPorts) {}

  /** @throws ValenceError `field_invalid` when the definitions have no such flow; `plan_unknown` */
  async replay({ compiled, flow, count, budgetMs, signal }: ShadowRequest): Promise<ShadowReport> {
    const { clock, recordings } = this.ports;
    const startedMs = clock.monotonicMs();
    const plan = compiled.plans.find((each) => each.flow === flow);
    if (!plan) throw new ValenceError("field_invalid", `the definitions have no flow ${flow}`);
    const after: Side = { linked: linkPlan(plan, this.ports), plans: compiled.plans };
    const recorded = await recordings.last(flow, count);
    const befores = new Map<string, Side | undefined>();
    const runs: ShadowRun[] = [];
    for (const run of recorded) {
      if (signal.aborted || clock.monotonicMs() - startedMs >= budgetMs) break;
      if (!befores.has(run.planHash)) befores.set(run.planHash, await this.#sideOf(run.planHash));
      runs.push(await this.#play(run, befores.get(run.planHash), after, compiled));
      // Payments may share this process, and they go first.
      await sleep(clock, 0);
    }
    const having = (verdict: Verdict["verdict"]): number =>
      runs.filter((each) => each.verdict === verdict).length;
    return {
      ...{ flow, hash: plan.hash, runs },
      ...{ same: having("same"), differs: having("differs"), unknown: having("unknown") },
      left: recorded.length - runs.length,
      elapsedMs: Math.round(clock.monotonicMs() - startedMs),
    };
  }

  /** Undefined: the plan is not stored any more, or this build has other atoms. */
  async #sideOf(hash: string): Promise<Side | undefined> {
    const { catalogue } = this.ports;
    const plan = await catalogue.plan(hash);
    try {
      return plan && { linked: linkPlan(plan, this.ports), plans: catalogue.plans() };
    } catch (error) {
      if (error instanceof ValenceError && error.code === "plan_unknown") return undefined;
      throw error;
    }
  }

  async #play(
    run: RecordedRun,
    before: Side | undefined,
    after: Side,
    compiled: Compiled,
  ): Promise<ShadowRun> {
    const end = `${run.state === "ended" ? "end" : "park"}:${run.reason}`;
    const about = { runId: run.runId, type: run.type, atMs: run.createdAtMs };
    const unknown = (why: string): ShadowRun => ({
      ...about,
      recorded: { path: [], end },
      replayed: { path: [] },
      ...{ verdict: "unknown", stage: "", why },
    });
    if (!before) return unknown("this build cannot run the plan the run was pinned to");
    const recording = new Recording(run, before.linked);
    const start = startOf(recording, after.linked.plan, compiled, this.ports.catalogue);
    if ("why" in start) return unknown(start.why);
    const was = await this.#playOne(recording, before, start.before);
    const is = await this.#playOne(recording, after, start.after);
    return {
      ...about,
      recorded: { path: pathOf(recording.entries), end },
      replayed: { path: pathOf(is.hops), ...(is.end === undefined ? {} : { end: is.end }) },
      ...compareRuns(recording.entries, was, is, this.ports.dictionary),
    };
  }

  #playOne(recording: Recording, { linked, plans }: Side, input: Row): Promise<Played> {
    const { clock, atomPorts } = this.ports;
    return play(recording, linked, input, { clock, atomPorts, plans });
  }
}
