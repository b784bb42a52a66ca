/**
 * A whole system in memory under a virtual clock: database and broker, one process at a time, a scheduler, scripted
 * channels `alpha` and `beta`, a scripted merchant. Everything between the ports is the real thing.
 *
 * Time passes only in `advance` and `drain`, from event to event; the same script gives the same history.
 */
import { strict as assert } from "node:assert";
import type { Atom } from "../../engine/atom.js";
import type { Vocabulary } from "../../engine/compiler/vocabulary.js";
import { ValenceError } from "../../engine/errors.js";
import { deriveId } from "../../engine/ids.js";
import type { OutgoingMessage } from "../../engine/ports/bus.js";
import type { Row, TableSpec } from "../../engine/ports/store.js";
import { Definitions } from "../../engine/registry/definitions.js";
import type { CrashContext, CrashPoint } from "../../engine/runtime/crash-points.js";
import { type ReplyPayload, replyTopic, type RunBody, startMessage } from "../../engine/runtime/message.js";
import { signalMessage, timerMessage } from "../../engine/runtime/publications.js";
import { rebuildMessage } from "../../engine/runtime/sweep.js";
import { engineTables } from "../../engine/runtime/tables.js";
import type { DefinitionFile } from "../../engine/schema/definitions.js";
import { MemoryBroker } from "./bus.js";
import { type ChannelScript, ScriptedChannel } from "./channel.js";
import { SeededRandom, settled, VirtualClock } from "./clock.js";
import { MemoryDatabase, type RowChecks } from "./database.js";
import { MemoryDefinitions, MemoryModules } from "./definitions.js";
import { factsOf } from "./facts.js";
import { Host, type MemoryPorts } from "./host.js";
import { asOutgoing } from "./messages.js";
import { MemoryReference, ScriptedWebhooks } from "./reference.js";

/** What runs in the world: words, tables of units of work beside the engine's own, definitions. */
export interface Product {
  readonly vocabulary: Vocabulary;
  readonly tables: readonly TableSpec[];
  readonly checks: RowChecks;
  readonly files: readonly DefinitionFile[];
  /** What its atoms expect as `context.ports`, made of what the world has. */
  readonly atomPorts: (ports: MemoryPorts) => unknown;
}

export interface WorldOptions {
  readonly alpha?: ChannelScript;
  readonly beta?: ChannelScript;
  /** Instead of the product's. */
  readonly files?: readonly DefinitionFile[];
  /** Beside those of the product. */
  readonly atoms?: readonly Atom<never>[];
  readonly vocabulary?: Partial<Vocabulary>;
  /** Every stage is entered by a message, as if each had a process of its own. */
  readonly apart?: boolean;
  /** The process dies where this says so; the next one is immortal. */
  readonly dies?: (point: CrashPoint, context: CrashContext) => boolean;
}

const startMs = Date.parse("2026-03-01T10:00:00Z");
const author = { author: "test", reason: "test" };

export class World {
  readonly clock = new VirtualClock(startMs);
  readonly random = new SeededRandom(this.clock);
  readonly database: MemoryDatabase;
  readonly broker: MemoryBroker;
  readonly definitions = new MemoryDefinitions();
  readonly reference = new MemoryReference();
  readonly webhooks = new ScriptedWebhooks();
  readonly channels: { readonly alpha: ScriptedChannel; readonly beta: ScriptedChannel };
  /** Channels whose driver the process has; of any other one it is a stand-in. */
  readonly fronted = new Set(["alpha", "beta"]);
  readonly replies: ReplyPayload[] = [];
  /** Every message that was ever seen in the broker, by id. */
  readonly seen = new Map<string, OutgoingMessage>();
  #host: Host | undefined;
  #hosts = 0;

  private constructor(
    private readonly product: Product,
    private readonly options: WorldOptions,
  ) {
    this.database = new MemoryDatabase(this.clock, [...engineTables, ...product.tables], product.checks);
    const { database, clock, random } = this;
    this.broker = new MemoryBroker({ database, clock, random });
    this.channels = {
      alpha: new ScriptedChannel("alpha", options.alpha),
      beta: new ScriptedChannel("beta", options.beta),
    };
    this.reference.facts = Object.keys(this.channels).map((channel) => factsOf(channel));
    // Alpha carries everything it can; beta is the fallback.
    this.reference.rules = ["alpha", "beta"].map((channel) => ({
      name: channel,
      channels: [{ channel, weight: 1 }],
    }));
    this.broker.onBroadcast(
      replyTopic("caller"),
      (payload) => void this.replies.push(payload as ReplyPayload),
    );
  }

  static async create(product: Product, options: WorldOptions = {}): Promise<World> {
    const world = new World(product, options);
    await world.install(options.files ?? product.files);
    await world.boot(options.dies);
    return world;
  }

  get host(): Host {
    assert.ok(this.#host, "a process runs");
    return this.#host;
  }

  get #atoms(): ReadonlyMap<string, Atom<never>> {
    const shipped = this.product.vocabulary.atoms as ReadonlyMap<string, Atom<never>>;
    return new Map([...shipped, ...(this.options.atoms ?? []).map((atom) => [atom.name, atom] as const)]);
  }

  async install(files: readonly DefinitionFile[]): Promise<void> {
    const words: Vocabulary = { ...this.product.vocabulary, ...this.options.vocabulary, atoms: this.#atoms };
    const definitions = new Definitions({
      store: this.definitions,
      modules: new MemoryModules(),
      vocabulary: words,
    });
    const result = await definitions.install(files, author);
    assert.ok(result.applied, JSON.stringify(result, null, 1));
    await this.#host?.catalogue.refresh();
  }

  /** Starts a process; the one before it, if it lives, is killed. */
  async boot(dies?: WorldOptions["dies"]): Promise<Host> {
    this.#host?.kill();
    return this.join(dies);
  }

  /** Starts a process beside the one that runs. */
  async join(dies?: WorldOptions["dies"]): Promise<Host> {
    const { broker, clock, random, definitions, reference, webhooks } = this;
    const channel = (name: string): ScriptedChannel => {
      const driver = new Map<string, ScriptedChannel>(Object.entries(this.channels)).get(name);
      if (!driver) throw new ValenceError("plan_unknown", `no channel ${name}`);
      return driver;
    };
    this.#host = new Host({
      name: `host-${++this.#hosts}`,
      ...{ broker, clock, random, definitions },
      atomPorts: (rows) =>
        this.product.atomPorts({
          reference,
          webhooks,
          channel,
          rows,
          fronts: (name) => this.fronted.has(name),
        }),
      atoms: this.#atoms,
      dictionary: this.options.vocabulary?.dictionary ?? this.product.vocabulary.dictionary,
      queues: () => [...new Set([...this.database.messages.values()].map(({ queue }) => queue))],
      apart: this.options.apart === true,
      ...(dies ? { dies } : {}),
    });
    await this.#host.start();
    return this.#host;
  }

  /** What the bridge does: one message that starts a run of `type`. Returns the run's id. */
  submit(fields: Row = {}, type = "pay"): string {
    const active = this.host.catalogue.type(type);
    assert.ok(active, `type ${type} is configured`);
    const body: Row = {
      ...{ merchantId: "m1", merchantOrderId: "A-1", amount: 1000, currency: "CNY", subject: "tea" },
      ...fields,
      ...active.set,
      type,
    };
    const runId = this.random.id();
    const orderId = deriveId("order", String(body["merchantId"]), String(body["merchantOrderId"]));
    const run = { runId, type, acceptedAtMs: this.clock.nowMs(), fields: { orderId, ...body } };
    this.publish(startMessage(active.plan, run, { replyTo: "caller", correlationId: runId }));
    return runId;
  }

  /** An institution's callback about a payment, as the bridge forwards it. */
  callback(paymentId: string, { signature = "genuine", channel = "alpha" } = {}): string {
    return this.submit(
      {
        channel,
        callbackHeaders: { signature },
        callbackBody: Buffer.from(paymentId).toString("base64"),
      },
      "channel.callback",
    );
  }

  publish(message: OutgoingMessage): void {
    this.database.publish(message);
  }

  /** Gives a run a signal, as another run would. */
  signal(runId: string, signal: string, fields: Row = {}, signalId = this.random.id()): string {
    this.publish(signalMessage({ signalId, runId, signal, fields }));
    return signalId;
  }

  /** Everything that can happen now happens. */
  async settle(): Promise<void> {
    do {
      await settled();
      for (const message of this.database.messages.values()) {
        if (!this.seen.has(message.messageId)) this.seen.set(message.messageId, asOutgoing(message));
      }
    } while (this.broker.pump());
  }

  /** Lets `byMs` pass, from event to event, timers included. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + byMs;
    for (;;) {
      await this.fireTimers();
      await this.settle();
      const nextMs = this.#nextMs();
      if (nextMs === undefined || nextMs > untilMs) break;
      this.clock.moveTo(nextMs);
    }
    this.clock.moveTo(untilMs);
    await this.fireTimers();
    await this.settle();
  }

  /** Lets time pass until nothing is left to happen, the process has died, or `atMostMs` have passed. */
  async drain(atMostMs = 3_600_000): Promise<void> {
    const untilMs = this.clock.nowMs() + atMostMs;
    for (;;) {
      await this.fireTimers();
      await this.settle();
      const nextMs = this.#nextMs();
      if (this.host.dead || nextMs === undefined || nextMs > untilMs) return;
      this.clock.moveTo(nextMs);
    }
  }

  /** The same, and whenever the process has died its successor starts at once. */
  async drainWithRestarts(): Promise<void> {
    await this.drain();
    while (this.host.dead) {
      await this.boot();
      await this.drain();
    }
  }

  async fireTimers(): Promise<void> {
    if (this.database.away || this.host.dead) return;
    await this.host.store.fireTimers(timerMessage, 500);
  }

  /** What the sweep publishes for runs nobody has heard of for `silentForMs`. */
  async sweep(silentForMs: number): Promise<readonly OutgoingMessage[]> {
    const silent = await this.host.store.silentRuns(silentForMs, 100);
    return Promise.all(
      silent.map(async (run) => {
        const plan = await this.host.catalogue.plan((run.body as unknown as RunBody).planHash);
        assert.ok(plan, "the plan of a run is kept");
        return rebuildMessage(run, plan);
      }),
    );
  }

  /** When something will happen by itself; undefined: never. */
  #nextMs(): number | undefined {
    const nowMs = this.clock.nowMs();
    const due = [
      this.clock.nextMs ?? Infinity,
      Number(this.database.indexes.nextTimer?.["dueAt"] ?? Infinity),
      this.database.queue.nextMs ?? Infinity,
    ].filter((atMs) => atMs > nowMs && atMs < Infinity);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  // -- what became of it

  run(runId: string): Row {
    const row = this.database.find("runs", { runId });
    assert.ok(row, `run ${runId} has a row`);
    return row;
  }

  /** `ended paid`, `waiting the payer`, `parked dead-letter: ...` */
  stateOf(runId: string): string {
    const { state, reason } = this.run(runId);
    return `${String(state)} ${String(reason)}`.trim();
  }

  order(merchantOrderId = "A-1", merchantId = "m1"): Row | undefined {
    return this.database.find("orders", { orderId: deriveId("order", merchantId, merchantOrderId) });
  }

  payments(): readonly Row[] {
    return this.database.rows("payments");
  }

  /** Journal of a run as lines: `0.4 end intake ok`. */
  journalOf(runId: string): readonly string[] {
    return this.database
      .journalOf(runId)
      .toSorted((a, b) => a.hop - b.hop || a.step - b.step)
      .map(({ hop, step, kind, stage, outcome }) => `${hop}.${step} ${kind} ${stage} ${outcome}`.trim());
  }

  deadLetters(): readonly Row[] {
    return this.database.rows("deadLetters");
  }
}
