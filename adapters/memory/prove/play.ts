/**
 * One play: a run is started, the world answers as scripted, the process dies where it is told to, and what has become
 * of everything is looked at. The same play has the same history, whenever it is repeated.
 */
import type { OutgoingMessage } from "../../../engine/ports/bus.js";
import type { Plan } from "../../../engine/compiler/plan.js";
import { deriveId } from "../../../engine/ids.js";
import { BatchError, type JournalEntry, type Row, type Unit } from "../../../engine/ports/store.js";
import type { CrashContext, CrashPoint } from "../../../engine/runtime/crash-points.js";
import { type RunBody, startMessage } from "../../../engine/runtime/message.js";
import { signalMessage } from "../../../engine/runtime/publications.js";
import { engineTables } from "../../../engine/runtime/tables.js";
import type { Production } from "./production.js";
import { type Question, Questions, type Script } from "./questions.js";
import { VirtualClock } from "../clock.js";
import { Surroundings } from "./surroundings.js";
import { ClaimSystem } from "./claim-system.js";
import { RelaySystem } from "./relay-system.js";
import { startMs, type System } from "./system.js";
import { candidates, namesSomething } from "./values.js";
import { type View, viewOf } from "./view.js";

/** How a play begins: with a run of `type`, perhaps about the order of an earlier run. */
export interface Opening {
  readonly type: string;
  readonly before?: Before;
}

/** An earlier run, and how far it gets before the run that is proved begins: to its end, or into a wait. */
export interface Before {
  readonly type: string;
  readonly script: Script;
  /** Into which entry of which wait; undefined: to its end. */
  readonly until?: { readonly wait: string; readonly entry: number };
}

/** `claim`: messages lie in the database. `relay`: on a broker beside it. */
export type BusFlavour = "claim" | "relay";

export interface Play {
  /** Default: `claim`. */
  readonly bus?: BusFlavour;
  readonly opening: Opening;
  readonly script: Script;
  /** The process dies at these crash points, counted from the first one of the run that is proved. */
  readonly crashes?: readonly number[];
  /** Whenever a process starts again, and once more at the end, every message there ever was comes again. */
  readonly duplicates?: boolean;
}

/** A crash point that was passed. */
export interface Passed {
  readonly point: CrashPoint;
  readonly flow: string;
  readonly stage: string;
  readonly step: number | undefined;
  /** The first time, the second time ... this place was passed. */
  readonly nth: number;
  /** Where it was among the questions: how many had been asked. */
  readonly asked: number;
  /** `flow/stage`: this one, and those before it that were over and not durable. */
  readonly stages: readonly string[];
}

/** What a stage came to, once. */
export interface Step {
  readonly flow: string;
  readonly stage: string;
  readonly outcome: string;
  /** `stage:settle`, `wait:hold`, `end:paid`, `park:undecided`. */
  readonly next: string;
  /** What the world answered meanwhile. */
  readonly answers: readonly Pick<Question, "what" | "answer">[];
}

export interface Played {
  readonly view: View;
  readonly questions: readonly Question[];
  readonly passed: readonly Passed[];
  readonly steps: readonly Step[];
  /** False: something was still going on when patience ended. */
  readonly settled: boolean;
  /** State of the first run: `ended paid`, `waiting hold`. */
  readonly ended: string;
}

/** Longer than every wait of a shipped flow, entered as often as allowed. */
const patienceMs = 30 * 24 * 3_600_000;
/** So many rounds without a durable point: it goes on for ever, and nothing comes of it. */
const idleRoundsMax = 120;

export async function play(production: Production, script: Play): Promise<Played> {
  return new Player(production, script).play();
}

class Player {
  readonly #questions: Questions;
  readonly #surroundings: Surroundings;
  readonly #clock: VirtualClock;
  readonly #system: System;
  readonly #passed: Passed[] = [];
  readonly #flows = new Map<string, string>();
  /** Waits that were looked at: a signal is given once. */
  readonly #signalled = new Set<string>();
  /** Stage entries in which a competitor was faster. */
  readonly #beaten = new Map<string, "lost" | "beaten">();
  /** How often a crash point was passed. */
  readonly #times = new Map<string, number>();
  #begun = false;
  /** Journal entries of what came before the run that is proved. */
  #pastEntries = 0;
  /** A second submission that waits for the first to be done with. */
  #later: OutgoingMessage | undefined;

  constructor(
    private readonly production: Production,
    private readonly script: Play,
  ) {
    const clock = new VirtualClock(startMs);
    this.#clock = clock;
    this.#questions = new Questions(script.opening.before?.script ?? {});
    this.#surroundings = new Surroundings(clock, this.#questions);
    const Chosen = script.bus === "relay" ? RelaySystem : ClaimSystem;
    this.#system = new Chosen({
      ...{ clock, production },
      ports: (rows) => this.#surroundings.ports(rows),
      dies: (point, context) => this.#passes(point, context),
    });
    this.#system.database.beforeWrite = (units) => units.forEach((unit) => this.#compete(unit));
  }

  async play(): Promise<Played> {
    const { opening, script, duplicates } = this.script;
    await this.#system.boot();
    let before: Row = {};
    if (opening.before) {
      const runId = await this.#start(opening.before.type, {});
      const { until } = opening.before;
      await this.#drive(() => until !== undefined && this.#waits(runId, until.wait, until.entry));
      before = this.#fieldsOf(runId);
    }
    this.#questions.begin(script);
    this.#begun = true;
    this.#pastEntries = this.#system.database.journal.size;
    const runId = await this.#start(opening.type, before);
    let settled = await this.#drive();
    if (this.#later) {
      await this.#system.publish([this.#later]);
      settled = (await this.#drive()) && settled;
    }
    if (duplicates === true) {
      await this.#comeAgain();
      settled = (await this.#drive()) && settled;
    }
    return {
      view: this.#view(),
      questions: [...this.#questions.asked],
      passed: this.#passed,
      steps: this.#steps(),
      settled,
      ended: this.#stateOf(runId),
    };
  }

  // -- starting

  /** What the bridge does: one message that starts a run of `type`. */
  async #start(type: string, before: Row): Promise<string> {
    const found = this.production.types.find((each) => each.type === type);
    const plan = this.#plan(found?.flow ?? "");
    if (!found || !plan) throw new Error(`there is no type ${type}`);
    const fields = this.#inputOf(plan, found.set, before);
    const message = (more: Row): { readonly runId: string; readonly message: OutgoingMessage } => {
      const runId = this.#system.random.id();
      const run = { runId, type, acceptedAtMs: this.#clock.nowMs() };
      const body = { ...fields, ...more, ...found.set, type };
      return {
        runId,
        message: startMessage(plan, { ...run, fields: body }, { replyTo: "caller", correlationId: runId }),
      };
    };
    const first = message({});
    await this.#system.publish([first.message]);
    const again = this.#questions.askFirst(plan.flow, "submitted again", [
      "no",
      "at once",
      "afterwards",
      "afterwards, with another amount",
    ]);
    if (again === "at once") await this.#system.publish([message({}).message]);
    if (again === "afterwards") this.#later = message({}).message;
    if (again.includes("another"))
      this.#later = message({ amount: Number(fields["amount"] ?? 1) + 1 }).message;
    return first.runId;
  }

  #inputOf(plan: Plan, preset: Row, before: Row): Row {
    const { vocabulary } = this.production.product;
    const { dictionary } = vocabulary;
    const chosen = (field: string, isOptional: boolean): readonly [string, unknown][] => {
      const possible = candidates(field, dictionary, before);
      const names = possible.map(({ name }) => name);
      const absent = isOptional ? ["absent"] : [];
      const options = isOptional && namesSomething(field) ? [...absent, ...names] : [...names, ...absent];
      const name = this.#questions.askFirst(plan.flow, `field ${field}`, options);
      const candidate = possible.find((each) => each.name === name);
      return candidate ? [[field, candidate.value]] : [];
    };
    const asked = (fields: readonly string[]): readonly string[] =>
      fields.filter((field) => !Object.hasOwn(preset, field) && !vocabulary.system.includes(field));
    const given: Record<string, unknown> = Object.fromEntries([
      ...chosen("merchantId", false),
      ...asked(plan.input).flatMap((field) => chosen(field, false)),
      ...asked(plan.optional).flatMap((field) => chosen(field, true)),
    ]);
    const named = given["merchantOrderId"];
    const orderId =
      named === undefined
        ? (before["orderId"] ?? deriveId("order", String(given["merchantId"]), "none"))
        : deriveId("order", String(given["merchantId"]), String(named));
    return { ...given, orderId };
  }

  // -- going on

  /** Lets time pass until nothing happens any more, or `done`. False: patience ended first. */
  async #drive(done: () => boolean = () => false): Promise<boolean> {
    const untilMs = this.#clock.nowMs() + patienceMs;
    let points = -1;
    for (let idle = 0; idle < idleRoundsMax; idle++) {
      await this.#system.settle();
      if (this.#system.database.journal.size > points) idle = 0;
      points = this.#system.database.journal.size;
      if (this.#system.dead) {
        await this.#system.boot();
        if (this.script.duplicates === true) await this.#comeAgain();
        continue;
      }
      if (done()) return true;
      if (await this.#giveSignals()) continue;
      const nextMs = this.#system.nextMs;
      if (nextMs === undefined) return true;
      if (nextMs > untilMs) return false;
      this.#clock.moveTo(nextMs);
    }
    return false;
  }

  #comeAgain(): Promise<void> {
    return this.#system.publish([...this.#system.seen.values()]);
  }

  /** What else than its timer may end a wait: asked once per entry. */
  async #giveSignals(): Promise<boolean> {
    const { signals } = this.production.product.vocabulary;
    let given = false;
    for (const run of this.#system.database.rows("runs")) {
      const runId = String(run["runId"]);
      const key = `${runId} ${String(run["hop"])}`;
      if (run["state"] !== "waiting" || this.#signalled.has(key)) continue;
      this.#signalled.add(key);
      const flow = String(run["flow"]);
      const stage = String(run["stage"]);
      const taken = Object.keys(this.#plan(flow)?.stages[stage]?.on ?? {}).filter(
        // A signal that is somebody's decided word is given by who has that word, not out of the blue.
        (signal) => Object.hasOwn(signals, signal) && signals[signal]?.resolves !== true,
      );
      if (taken.length === 0) continue;
      const place = { flow, stage, runId, hop: Number(run["hop"]) };
      const signal = this.#questions.ask(place, "signal", ["none", ...taken]);
      if (signal === "none") continue;
      await this.#system.publish([
        signalMessage({ signalId: this.#system.random.id(), runId, signal, fields: {} }),
      ]);
      given = true;
    }
    return given;
  }

  /**
   * Somebody else makes the same guarded move first, once. Moves of two hops that are one commit fall apart by that,
   * and the hop it happened to is beaten in the commit of its own.
   */
  #compete({ message, journal = [], writes }: Unit): void {
    if (!this.#begun || !message || journal.length === 0) return;
    for (const write of writes)
      if (write.kind === "insert" && write.table === "runs")
        this.#flows.set(String(write.row["runId"]), String(write.row["flow"]));
    const guarded = writes.filter(
      (write) =>
        !engineTables.some(({ name }) => name === write.table) &&
        (write.kind === "transition" || write.exists === "conflict"),
    );
    if (guarded.length === 0) return;
    const [lost] = journal.filter((entry) => this.#loses(entry));
    if (!lost) return;
    if (journal.length > 1) throw new BatchError("data", "somebody else was faster");
    this.#beaten.set(`${lost.runId} ${lost.hop}`, "beaten");
    void this.#system.database.write([{ writes: guarded, publish: [] }]);
  }

  #loses({ runId, hop, stage }: JournalEntry): boolean {
    const key = `${runId} ${hop}`;
    const place = { flow: this.#flowOf(runId), stage, runId, hop };
    const answer = this.#beaten.get(key) ?? this.#questions.ask(place, "guard", ["held", "lost"]);
    if (answer === "lost") this.#beaten.set(key, answer);
    return answer === "lost";
  }

  #passes(point: CrashPoint, { flow = "", stage = "", step, open = [] }: CrashContext): boolean {
    if (!this.#begun) return false;
    const place = `${point} ${flow} ${stage} ${step}`;
    const nth = (this.#times.get(place) ?? 0) + 1;
    this.#times.set(place, nth);
    const asked = this.#questions.asked.length;
    const index =
      this.#passed.push({ point, flow, stage, step, nth, asked, stages: [...open, `${flow}/${stage}`] }) - 1;
    return this.script.crashes?.includes(index) === true;
  }

  #flowOf(runId: string): string {
    const known = this.#flows.get(runId);
    if (known !== undefined) return known;
    for (const { body } of this.#system.seen.values())
      if (body["flow"] !== undefined) this.#flows.set(String(body["runId"]), String(body["flow"]));
    // One that was over with another never had a message.
    return this.#flows.get(runId) ?? String(this.#system.database.find("runs", { runId })?.["flow"] ?? "");
  }

  // -- looking at it

  #plan(flow: string): Plan | undefined {
    return this.production.plans.find((each) => each.flow === flow);
  }

  #stateOf(runId: string): string {
    const row = this.#system.database.find("runs", { runId });
    if (!row) return "unknown";
    return `${String(row["state"])} ${String(row[row["state"] === "waiting" ? "stage" : "reason"])}`;
  }

  #waits(runId: string, stage: string, entry: number): boolean {
    const row = this.#system.database.find("runs", { runId });
    if (row?.["state"] !== "waiting" || row["stage"] !== stage) return false;
    return (row["body"] as unknown as RunBody).entries[stage] === entry;
  }

  /** Everything a run has known so far. */
  #fieldsOf(runId: string): Row {
    const start = [...this.#system.seen.values()].find(({ body }) => body["runId"] === runId);
    return inOrder([...this.#system.database.journal.values()])
      .filter((entry) => entry.runId === runId)
      .reduce<Row>(
        (fields, { data }) => ({ ...fields, ...(data["fields"] as Row | undefined) }),
        (start?.body["fields"] as Row | undefined) ?? {},
      );
  }

  #steps(): readonly Step[] {
    const journal = [...this.#system.database.journal.values()].slice(this.#pastEntries);
    const ends = inOrder(journal).filter(({ kind }) => kind === "end");
    return ends.map(({ runId, hop, stage, outcome, data }) => {
      const flow = this.#flowOf(runId);
      const prefix = `${flow}/${stage}/${this.#questions.entryOf({ flow, stage, runId, hop })} `;
      const answers = this.#questions.asked.filter(({ at }) => at.startsWith(prefix));
      return { flow, stage, outcome, next: String(data["next"]), answers };
    });
  }

  #view(): View {
    const { database } = this.#system;
    const tables = [...engineTables, ...this.production.product.tables];
    return viewOf({
      rows: new Map(tables.map((spec) => [spec, database.rows(spec.name)])),
      ledger: this.#surroundings.ledger(),
      sent: this.#surroundings.sent,
      messages: this.#system.left,
    });
  }
}

const inOrder = (journal: readonly JournalEntry[]): readonly JournalEntry[] =>
  [...journal].sort((a, b) => a.hop - b.hop || a.point - b.point);
