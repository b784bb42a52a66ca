/** Looks at everything that is committed and at every call an institution gets, while it happens. */
import { limits } from "../../engine/limits.js";
import { runMessageId } from "../../engine/runtime/message.js";
import type { Row, Unit } from "../../engine/ports/store.js";
import type { MemoryDatabase } from "../../adapters/memory/database.js";
import type { Change } from "../../adapters/memory/indexes.js";
import type { Call } from "./calls.js";
import type { Institution } from "./institution.js";
import { moves, onceSet } from "./moves.js";

export interface Complaint {
  /** What promise is broken, in the same words every time. */
  readonly what: string;
  readonly about: string;
  readonly orderId?: string;
}

/** A process, as the database and the institutions know it. */
export interface Writer {
  readonly name: string;
  readonly instance: string;
}

interface Intent {
  readonly hop: number;
  readonly atMs: number;
  open: boolean;
  /** The process that called the institution, and those that asked it while that one still might. */
  caller: string | undefined;
  readonly hasty: Set<string>;
}

export class Watch {
  readonly complaints: Complaint[] = [];
  /** Runs that are neither ended nor parked. */
  living = 0;
  readonly #callsOf = new Map<string, Call[]>();
  readonly #intents = new Map<string, Intent>();

  constructor(
    private readonly database: MemoryDatabase,
    private readonly institutions: ReadonlyMap<string, Institution>,
    private readonly waitTakes: (run: Row, signal: string) => boolean,
    private readonly trace: ((line: string) => void) | undefined,
    /** Hears of every order that is paid. */
    private readonly paid: (orderId: string) => void,
  ) {
    database.onChange = (change) => this.#changed(change);
    database.onCommit = (unit) => this.#committed(unit);
  }

  complain(what: string, about: string, orderId?: unknown): void {
    this.complaints.push({ what, about, ...(orderId === undefined ? {} : { orderId: String(orderId) }) });
  }

  /**
   * Right before units of a process are executed: who holds the messages whose hops they move, and whose word do they
   * take? The result is called when they were committed.
   */
  writing({ name, instance }: Writer, units: readonly Unit[]): () => void {
    const hasty = units
      .flatMap(({ journal = [] }) => journal)
      .flatMap(({ runId, kind, hop }) => {
        const intent = this.#intents.get(runId);
        const isTaken = kind === "end" && intent?.open && intent.hop === hop;
        return isTaken && intent.caller !== name && intent.hasty.has(name) ? [runId] : [];
      });
    const stale = this.#stale(instance, units);
    return () => {
      for (const runId of stale) this.complain("a stale lease settled", runId);
      for (const runId of hasty) this.complain("asked before the send deadline", runId);
    };
  }

  #stale(instance: string, units: readonly Unit[]): readonly string[] {
    if (this.database.messages.size === 0) return [];
    const entries = units.flatMap(({ journal = [] }) => journal);
    const stale = entries.filter(({ runId, hop, kind }) => {
      const message = this.database.messages.get(runMessageId(runId, hop));
      // A mark is made by whoever takes a run out of somebody's hands.
      return message !== undefined && kind !== "mark" && message.owner !== instance;
    });
    return stale.map(({ runId }) => runId);
  }

  #changed({ table, before, after }: Change): void {
    if (!after) return;
    if (table === "runs")
      this.living += Number(isLiving(after)) - Number(before !== undefined && isLiving(before));
    const spec = moves[table];
    if (spec) {
      const from = String(before?.[spec.status] ?? "");
      const to = String(after[spec.status]);
      if (from !== to && this.trace) this.#say(table, before, after, `${from} > ${to}`);
      if (from !== to && !spec.allowed[from]?.includes(to))
        this.complain("a status moved backwards", `${table} ${from} > ${to}`, after["orderId"]);
    }
    for (const column of onceSet[table] ?? [])
      if (before && before[column] !== null && before[column] !== after[column])
        this.complain("what is set once was set again", `${table}.${column}`, after["orderId"]);
    if (table === "orders" && after["status"] === "paid" && before?.["status"] !== "paid")
      this.paid(String(after["orderId"]));
    if (table === "runs" && after["state"] === "waiting" && before?.["state"] !== "waiting")
      this.#waits(after);
  }

  #say(table: string, before: Row | undefined, after: Row, moved: string): void {
    const { runId = "", orderId = "", reason = "" } = after;
    this.trace?.(
      `${table} ${String(orderId)} run ${String(runId)} ${moved} ${String(reason)}${before ? "" : " (new)"}`,
    );
  }

  #waits(run: Row): void {
    for (const signalId of this.database.indexes.signals.get(String(run["runId"])) ?? []) {
      const signal = this.database.find("signals", { signalId });
      if (signal?.["state"] === "pending" && this.waitTakes(run, String(signal["signal"])))
        this.complain("a run waits for a signal it has", String(run["runId"]), run["orderId"]);
    }
  }

  #committed({ journal = [], writes }: Unit): void {
    for (const { runId, hop, point, kind, stage, outcome } of journal) {
      this.trace?.(`journal ${runId} ${hop}.${point} ${kind} ${stage} ${outcome}`);
      if (kind === "intent") {
        this.#intents.set(runId, {
          ...{ hop, atMs: this.database.clock.nowMs(), open: true },
          ...{ caller: undefined, hasty: new Set() },
        });
        continue;
      }
      const intent = this.#intents.get(runId);
      if (intent?.hop === hop) intent.open = false;
    }
    for (const write of writes)
      if (write.table === "deadLetters" && write.kind === "insert") this.#buried(write.row, writes);
  }

  /** A run's dead letter parks the run in the same commit, unless somebody else has finished that hop. */
  #buried(letter: Row, writes: Unit["writes"]): void {
    if (letter["type"] !== "run" || writes.some(({ table }) => table === "runs")) return;
    const body = letter["body"] as Row;
    const run = this.database.find("runs", { runId: body["runId"] });
    if (run && (run["state"] !== "open" || Number(run["hop"]) > Number(body["hop"]))) return;
    const ended = this.database
      .journalOf(String(body["runId"]))
      .some(({ hop, kind }) => kind === "end" && hop >= Number(body["hop"]));
    if (!ended) this.complain("a dead letter parked nothing", String(letter["reason"]), orderOf(body));
  }

  // -- at the institution

  readonly called = (call: Call): void => {
    const { by, channel, operation, paymentId, orderId, refundId, atMs } = call;
    this.trace?.(`institution ${channel}: ${operation} ${paymentId} of ${orderId} by ${by}`);
    const about = refundId ?? orderId;
    const before = this.#callsOf.get(about) ?? [];
    this.#callsOf.set(about, [...before, call]);
    const row =
      refundId === undefined
        ? this.database.find("payments", { paymentId })
        : this.database.find("refunds", { refundId });
    const intent = this.#intents.get(String(row?.["runId"]));
    if (operation === "charge" || operation === "refund") {
      if (operation === "charge") this.#charged(call, before);
      this.#moved(call, before, row, intent);
    } else if (operation !== "close" && intent?.open) {
      // A copy of an older hop may ask, too: nobody takes its word.
      if (atMs < intent.atMs + limits.sendWindowMs) intent.hasty.add(by);
      else intent.hasty.delete(by);
    }
  };

  /** The institution has said that it will not charge it. */
  #isGivenUp({ says, paymentId }: Call): boolean {
    const status = this.database.find("payments", { paymentId })?.["status"];
    return says === "declined" || status === "declined" || status === "closed";
  }

  #charged({ paymentId, orderId }: Call, before: readonly Call[]): void {
    const others = before.filter((other) => other.operation === "charge" && other.paymentId !== paymentId);
    if (others.some((other) => !this.#isGivenUp(other)))
      this.complain("another payment while one is undecided", paymentId, orderId);
  }

  /** A charge or a refund: money may move. */
  #moved(call: Call, before: readonly Call[], row: Row | undefined, intent: Intent | undefined): void {
    const { operation, paymentId, refundId, orderId, atMs } = call;
    const id = refundId ?? paymentId;
    const verb = operation === "charge" ? "charged" : "refunded";
    if (!row) this.complain(`${verb} what nobody has logged`, id, orderId);
    if (!intent?.open) this.complain(`${verb} without an intent`, id, orderId);
    else {
      intent.caller = call.by;
      if (atMs > intent.atMs + limits.sendWindowMs)
        this.complain("sent after the send deadline", id, orderId);
    }
    const of = before.filter((other) => other.paymentId === paymentId);
    const last = of.findLast((other) => other.operation === operation);
    if (!last) return;
    const { graceMs } = this.institutions.get(call.channel)!.manifest;
    const absent = of.some(
      (other) =>
        other.operation === (operation === "charge" ? "inquire" : "inquireRefund") &&
        other.says === "absent" &&
        other.atMs >= last.atMs + graceMs,
    );
    if (last.channel !== call.channel) this.complain("sent again through another channel", id, orderId);
    else if (!absent) this.complain("sent again on a guess", id, orderId);
  }
}

const orderOf = (body: Row): unknown => (body["fields"] as Row | undefined)?.["orderId"];

const isLiving = ({ state }: Row): boolean => state === "open" || state === "waiting";
