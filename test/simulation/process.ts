/** One process of the system: real worker, real bus, real scheduler between ports that may die under them. */
import type { AtomPorts } from "../../atoms/define.js";
import { atoms, vocabulary } from "../../atoms/index.js";
import { MemoryBrokerConnection, type MemoryBrokerServer } from "../../adapters/memory/broker.js";
import { MemoryBus, type MemoryBroker } from "../../adapters/memory/bus.js";
import type { SeededRandom, VirtualClock } from "../../adapters/memory/clock.js";
import type { MemoryDatabase } from "../../adapters/memory/database.js";
import type { MemoryDefinitions } from "../../adapters/memory/definitions.js";
import { MemoryLetters } from "../../adapters/memory/letters.js";
import { MemoryOutbox } from "../../adapters/memory/outbox.js";
import type { MemoryReference } from "../../adapters/memory/reference.js";
import { MemoryStore } from "../../adapters/memory/store.js";
import { withBulkhead } from "../../adapters/channels/bulkhead.js";
import { type Cron, type DueRun, Scheduler } from "../../adapters/schedule/scheduler.js";
import type { Atom } from "../../engine/atom.js";
import { ValenceError } from "../../engine/errors.js";
import { limits } from "../../engine/limits.js";
import type { Bus, Consumer, RelayDesk } from "../../engine/ports/bus.js";
import type { ChannelDriver } from "../../engine/ports/channel.js";
import type { Store } from "../../engine/ports/store.js";
import { silent, type Telemetry } from "../../engine/ports/telemetry.js";
import { ActiveCatalogue } from "../../engine/registry/active-catalogue.js";
import { RelayedBus } from "../../engine/relay/relayed-bus.js";
import type { Crash, CrashPoint } from "../../engine/runtime/crash-points.js";
import { Worker } from "../../engine/runtime/worker.js";
import type { Climate } from "./climate.js";
import type { Counts } from "./counts.js";
import { expiredOrders } from "./expiry.js";
import type { Institution } from "./institution.js";
import { Liveness, ProcessClock } from "./liveness.js";
import type { Merchant } from "./merchant.js";
import type { Plant } from "./plants.js";
import { Stream } from "./streams.js";
import type { Watch } from "./watch.js";
import { Wire } from "./wire.js";

export const roles = ["flow", "channel", "notify", "feed", "scheduler", "bridge"] as const;
export type Role = (typeof roles)[number];

/** What all processes share. */
export interface Surroundings {
  readonly climate: Climate;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly counts: Counts;
  readonly database: MemoryDatabase;
  readonly definitions: MemoryDefinitions;
  readonly reference: MemoryReference;
  /** Of the bus whose messages lie in the database. */
  readonly broker: MemoryBroker;
  /** Of the one beside it. */
  readonly server: MemoryBrokerServer;
  readonly institutions: ReadonlyMap<string, Institution>;
  readonly merchant: Merchant;
  readonly watch: Watch;
  readonly plant: Plant;
  readonly troubled: () => boolean;
  /** Absent: nobody listens. */
  readonly trace: ((line: string) => void) | undefined;
  readonly died: (process: Process) => void;
}

const concurrency = 16;
/** Ports' methods that are questions to the world; all others happen inside of the process. */
const storeCalls = new Set([
  "find",
  "journal",
  "pendingSignals",
  "fireTimers",
  "silentRuns",
  "releaseDeadLeases",
]);
const busCalls = new Set(["publish", "release", "depths"]);
const outboxCalls = new Set([
  "add",
  "confirmed",
  "takeDue",
  "depths",
  "suspicion",
  "suspect",
  "cleared",
  "use",
  "queues",
]);

export class Process {
  readonly liveness = new Liveness();
  readonly instance: string;
  readonly store: Store;
  readonly bus: Bus;
  readonly catalogue: ActiveCatalogue;
  readonly #clock: ProcessClock;
  readonly #chance: Stream;
  readonly #worker: Worker;
  readonly #consumers: Consumer[] = [];
  readonly #connection: MemoryBrokerConnection | undefined;
  readonly #scheduler: Scheduler | undefined;

  constructor(
    private readonly around: Surroundings,
    readonly name: string,
    readonly served: readonly Role[],
  ) {
    const { climate, clock, random, database, plant, counts, watch } = around;
    const { liveness } = this;
    this.instance = random.id();
    this.#chance = new Stream(climate.seed, `process ${name}`);
    const skewMs = this.#chance.between(0, climate.clockSkewMsMax) - Math.floor(climate.clockSkewMsMax / 2);
    this.#clock = new ProcessClock(clock, liveness, skewMs);
    const wire = new Wire({
      ...{ database, clock, climate, counts, liveness, troubled: around.troubled },
      chance: new Stream(climate.seed, `wire ${name}`),
      writing: (units) => watch.writing(this, units),
    });
    const relayed = climate.bus === "relay" ? this.#relayed() : undefined;
    this.#connection = relayed?.connection;
    const bus = relayed?.bus ?? liveness.port(new MemoryBus(around.broker, this.instance, clock), busCalls);
    const memory = new MemoryStore({
      ...{ database, clock: this.#clock, instance: this.instance },
      writer: () => plant.wire?.(wire, database) ?? wire,
      ...(relayed ? { desk: this.#desk(relayed.bus) } : {}),
      ...(plant.lane ? { lane: plant.lane } : {}),
    });
    const store = liveness.port(memory, storeCalls);
    this.bus = bus;
    this.store = plant.store?.(store, bus) ?? store;
    this.catalogue = new ActiveCatalogue(around.definitions);
    const telemetry = this.#telemetry();
    this.#worker = new Worker({
      ports: {
        ...{ store: this.store, bus, clock: this.#clock, random, telemetry, catalogue: this.catalogue },
        crash: this.#crash,
        atomPorts: this.#atomPorts(),
      },
      atoms: atoms as ReadonlyMap<string, Atom<never>>,
      dictionary: vocabulary.dictionary,
    });
    if (served.includes("scheduler"))
      this.#scheduler = new Scheduler({
        ...{ housekeeping: store, bus, catalogue: this.catalogue, clock: this.#clock, telemetry },
        crash: this.#crash,
        duties: [{ work: "expiry", cron: "*/5 * * * * *", due: (limit) => this.#expired(limit) }],
        progress: { watch: (round) => round() },
        ...{ tickMs: 500, sweepAfterMs: 60_000, deadAfterMs: limits.moduleLostMs, cron: this.#cron },
      });
  }

  async start(): Promise<void> {
    const { database } = this.around;
    database.beats.set(this.instance, Infinity);
    await this.catalogue.refresh();
    if (this.bus instanceof RelayedBus) await this.bus.open();
    for (const role of this.served) {
      const queues = this.#queuesOf(role);
      if (queues.length === 0) continue;
      const { liveness } = this;
      this.#consumers.push(
        this.bus.consume({
          queues: () => queues,
          concurrency,
          handler: (delivery) => liveness.pass(() => this.#worker.handle(delivery)),
        }),
      );
    }
    this.#scheduler?.start();
  }

  kill(why: string): void {
    if (this.liveness.dead) return;
    this.around.counts.add(`killed ${why}`);
    this.around.trace?.(`process ${this.name} dies: ${why}`);
    this.liveness.die();
    this.around.database.beats.set(this.instance, this.around.clock.nowMs());
    this.around.broker.drop(this.instance);
    void this.#connection?.close();
    this.around.died(this);
  }

  /** Others take over what it holds while it stands still, once they have noticed. */
  stall(forMs: number): void {
    const { liveness, around } = this;
    if (liveness.dead || liveness.stalled) return;
    around.counts.add("stall");
    around.trace?.(`process ${this.name} stands still for ${forMs} ms`);
    liveness.stall();
    around.broker.alive.delete(this.instance);
    around.database.beats.set(this.instance, around.clock.nowMs());
    for (const consumer of this.#consumers) if (!this.#connection) consumer.pause();
    // A broker gives a silent connection up.
    const cancelCut = around.clock.after(10_000, () => this.#connection?.cut());
    around.clock.after(forMs, () => {
      cancelCut();
      if (liveness.dead) return;
      around.broker.alive.add(this.instance);
      around.database.beats.set(this.instance, Infinity);
      liveness.goOn();
      for (const consumer of this.#consumers) if (!this.#connection) consumer.resume();
      this.mend();
    });
  }

  /** Its connection to the broker beside the database is gone for so long. */
  cut(): void {
    this.#connection?.cut();
  }

  mend(): void {
    if (!this.liveness.dead && !this.liveness.stalled) this.#connection?.mend();
  }

  readonly #crash: Crash = (point: CrashPoint) => {
    const { climate, troubled } = this.around;
    if (!this.liveness.dead && !(troubled() && this.#chance.chance(climate.crash))) return;
    this.kill(`at ${point}`);
    throw new Error(`killed at ${point}`);
  };

  /** What `adapters/store/postgres/expiry.ts` asks PostgreSQL for. */
  readonly #expired = (limit: number): Promise<readonly DueRun[]> =>
    this.liveness.pass(() => {
      const { database, counts } = this.around;
      database.reachable();
      const due = expiredOrders(database, limit);
      counts.add("expired", due.length);
      return due;
    });

  readonly #cron: Cron = (expression, task) => {
    const everyMs = Number(/^\*\/(\d+) /.exec(expression)?.[1] ?? 3_600) * 1_000;
    let cancel = (): void => undefined;
    const later = (): void => {
      cancel = this.#clock.after(everyMs, () => void task().then(later));
    };
    later();
    return { destroy: () => cancel() };
  };

  #relayed(): { readonly bus: RelayedBus; readonly connection: MemoryBrokerConnection } {
    const { random, server, database } = this.around;
    const connection = new MemoryBrokerConnection(server);
    const rise = (message: Parameters<Bus["publish"]>[0][number]): void =>
      database.outbox.rise({ message, publicationId: random.id(), deliveryCount: 1 });
    const bus = new RelayedBus({
      broker: connection,
      outbox: this.liveness.port(new MemoryOutbox(database, this.instance), outboxCalls),
      letters: new MemoryLetters(database, rise),
      ...{ clock: this.#clock, random, telemetry: silent, instance: this.instance, collectEveryMs: 500 },
    });
    return { bus, connection };
  }

  /** As compose makes it: a process may die between its commit and what it sends. */
  #desk(bus: RelayedBus): RelayDesk {
    return {
      kind: "relay",
      prepare: (message) => bus.prepare(message),
      committed: (outgoing, settled) => {
        if (outgoing.length > 0) this.#crash("committed-unsent", {});
        bus.committed(outgoing, settled);
      },
    };
  }

  #atomPorts(): AtomPorts {
    const { institutions, reference, merchant, plant } = this.around;
    const { liveness } = this;
    const drivers = new Map<string, ChannelDriver>();
    if (this.served.includes("channel"))
      for (const [name, institution] of institutions) {
        const driver = institution.driver(this.name, this.#clock);
        const planted = plant.driver?.(driver) ?? driver;
        const passing = liveness.port(
          planted,
          new Set(["charge", "inquire", "refund", "inquireRefund", "close"]),
        );
        drivers.set(name, withBulkhead(passing, { clock: this.#clock }));
      }
    const webhooks = {
      send: (request: Parameters<AtomPorts["webhooks"]["send"]>[0]) =>
        liveness.pass(() => merchant.receive(request, this.#clock)),
    };
    return {
      reference,
      rows: this.store,
      webhooks: plant.webhooks?.(webhooks) ?? webhooks,
      fronts: (name) => drivers.has(name),
      channel: (name) => {
        const driver = drivers.get(name);
        if (!driver) throw new ValenceError("plan_unknown", `no channel ${name} here`);
        return driver;
      },
    };
  }

  #telemetry(): Telemetry {
    const { trace } = this.around;
    if (!trace) return silent;
    return { ...silent, log: (_level, event) => trace(`${this.name} ${JSON.stringify(event)}`) };
  }

  #queuesOf(role: Role): readonly string[] {
    const templates = this.catalogue
      .plans()
      .flatMap(({ stages }) =>
        Object.values(stages).flatMap((stage) => ("queue" in stage ? [stage.queue] : [])),
      );
    const names = [...new Set([...templates, "flow.signal"])].flatMap((queue) =>
      queue.includes("{channel}")
        ? [...this.around.institutions.keys()].map((channel) => queue.replace("{channel}", channel))
        : [queue],
    );
    return names.filter((queue) => queue.split(".")[0] === role);
  }
}
