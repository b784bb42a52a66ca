/**
 * The whole engine under one seed: several processes on a database and a bus in memory, in virtual time, with
 * everything going wrong that may. The same seed gives the same history, to the last message.
 */
import { vocabulary } from "../../atoms/index.js";
import { memoryProduct } from "../../adapters/compose/memory-product.js";
import { MemoryBrokerServer } from "../../adapters/memory/broker.js";
import { MemoryBroker } from "../../adapters/memory/bus.js";
import { SeededRandom, settled, VirtualClock } from "../../adapters/memory/clock.js";
import { MemoryDatabase } from "../../adapters/memory/database.js";
import { MemoryDefinitions, MemoryModules } from "../../adapters/memory/definitions.js";
import { factsOf } from "../../adapters/memory/facts.js";
import { MemoryReference } from "../../adapters/memory/reference.js";
import type { Plan } from "../../engine/compiler/plan.js";
import { Definitions } from "../../engine/registry/definitions.js";
import { engineTables } from "../../engine/runtime/tables.js";
import { type Climate, climateOf } from "./climate.js";
import { Counts } from "./counts.js";
import { Institution } from "./institution.js";
import { Merchant } from "./merchant.js";
import { judge } from "./oracle.js";
import { type Plant, sound } from "./plants.js";
import { Process, roles, type Role, type Surroundings } from "./process.js";
import { Stream } from "./streams.js";
import { Traffic } from "./traffic.js";
import { Troubles } from "./troubles.js";
import { type Complaint, Watch } from "./watch.js";
import { weatherOf } from "./weather.js";

export interface SimulationOptions {
  readonly climate?: Partial<Climate>;
  readonly plant?: Plant;
  /** Hears of everything that happens, with its virtual time. */
  readonly trace?: (atMs: number, line: string) => void;
}

export interface Outcome {
  readonly climate: Climate;
  readonly complaints: readonly Complaint[];
  readonly counts: Counts;
  readonly simulation: Simulation;
}

const startMs = Date.parse("2026-03-01T10:00:00Z");
const channels = ["alpha", "beta", "gamma"];
const merchants = ["m1", "m2", "m3", "m4"];
/** Virtual time after the trouble within which everything must have come to rest. */
const restMsMax = 4 * 3_600_000;

let shipped:
  Promise<{ readonly definitions: MemoryDefinitions; readonly plans: ReadonlyMap<string, Plan> }> | undefined;

/** Compiled once: no seed changes them. */
async function install(): Promise<Awaited<NonNullable<typeof shipped>>> {
  const definitions = new MemoryDefinitions();
  const modules = new MemoryModules();
  const result = await new Definitions({ store: definitions, modules, vocabulary }).install(
    memoryProduct().files,
    {
      author: "simulation",
      reason: "simulation",
    },
  );
  if (!result.applied) throw new Error(JSON.stringify(result));
  const active = await definitions.active();
  const plans = await Promise.all(Object.values(active?.flows ?? {}).map((hash) => definitions.plan(hash)));
  return { definitions, plans: new Map(plans.flatMap((plan) => (plan ? [[plan.hash, plan] as const] : []))) };
}

export class Simulation {
  readonly clock = new VirtualClock(startMs);
  readonly counts = new Counts();
  readonly database: MemoryDatabase;
  readonly institutions: ReadonlyMap<string, Institution>;
  readonly merchant: Merchant;
  readonly traffic: Traffic;
  readonly watch: Watch;
  readonly #around: Surroundings;
  readonly #troubles: Troubles;
  readonly #chance: Stream;
  #processes: Process[] = [];
  #started = 0;
  #troubled = true;

  private constructor(
    readonly climate: Climate,
    definitions: MemoryDefinitions,
    plans: ReadonlyMap<string, Plan>,
    { plant = sound, trace }: SimulationOptions,
  ) {
    const { clock, counts } = this;
    const { seed } = climate;
    const { tables, checks } = memoryProduct();
    const random = new SeededRandom(clock, new Stream(seed, "ids").next());
    this.#chance = new Stream(seed, "simulation");
    this.database = new MemoryDatabase(clock, [...engineTables, ...tables], checks);
    this.merchant = new Merchant(climate, counts);
    this.institutions = new Map(
      channels.map((channel) => [
        channel,
        new Institution({
          ...{ channel, climate, clock, counts },
          called: (call) => this.watch.called(call),
          callBack: (name, paymentId, certain) => void this.traffic.callBack(name, paymentId, certain),
          isPoison: (orderId) => this.traffic.orders.get(orderId)?.poison === true,
        }),
      ]),
    );
    this.watch = new Watch(
      this.database,
      this.institutions,
      (run, signal) => {
        const stage = plans.get(String(run["planHash"]))?.stages[String(run["stage"])];
        return stage?.kind === "wait" && stage.on[signal] !== undefined;
      },
      trace && ((line) => trace(clock.nowMs() - startMs, line)),
      (orderId) => this.traffic.paid(orderId),
    );
    const order = new Stream(seed, "order of messages");
    const choose = (count: number): number => order.below(count);
    this.#around = {
      ...{ climate, clock, random, counts, database: this.database, definitions, plant },
      reference: referenceData(),
      broker: new MemoryBroker({ database: this.database, clock, random, choose }),
      server: new MemoryBrokerServer(
        clock,
        weatherOf(climate, counts, () => this.#troubled),
      ),
      institutions: this.institutions,
      merchant: this.merchant,
      watch: this.watch,
      troubled: () => this.#troubled,
      trace: trace && ((line) => trace(clock.nowMs() - startMs, line)),
      died: (process) => this.#restart(process),
    };
    this.traffic = new Traffic({
      ...{ climate, clock, counts, channels, newId: () => random.id(), bridge: () => this.#bridge() },
    });
    this.#troubles = new Troubles({ around: this.#around, processes: () => this.#processes });
  }

  static async run(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
    shipped ??= install();
    const { definitions, plans } = await shipped;
    const climate = climateOf(seed, options.climate);
    const simulation = new Simulation(climate, definitions, plans, options);
    await simulation.#run();
    const { counts, watch } = simulation;
    return { climate, complaints: watch.complaints, counts, simulation };
  }

  async #run(): Promise<void> {
    const { climate, clock, watch, traffic, counts } = this;
    this.#around.broker.run();
    for (let n = 0; n < climate.processes; n++) await this.#start(this.#rolesOf(n));
    traffic.start();
    this.#troubles.start();
    clock.after(climate.troubleMs, () => this.#mend());
    const untilMs = startMs + climate.troubleMs + restMsMax;
    for (;;) {
      await settled();
      const { nextMs } = clock;
      if (this.#isAtRest() || nextMs === undefined || nextMs > untilMs) break;
      clock.moveTo(nextMs);
      counts.add("moments");
    }
    counts.add("orders", climate.orders);
    counts.add(`orders on ${climate.bus}`, climate.orders);
    counts.add("seeds");
    judge({ ...this.#around, orders: traffic.orders, watch });
  }

  #isAtRest(): boolean {
    const { database, traffic, watch } = this;
    if (this.#troubled || traffic.open > 0 || watch.living > 0) return false;
    if (database.count("timers") > 0 || database.messages.size > 0 || database.outbox.rows.size > 0)
      return false;
    for (const { ready, unsettled } of this.#around.server.queues.values())
      if (ready.length > 0 || unsettled > 0) return false;
    return true;
  }

  /** The last one does everything, so that there is always somebody. */
  #rolesOf(n: number): readonly Role[] {
    if (n === this.climate.processes - 1) return roles;
    const served = roles.filter(() => this.#chance.chance(0.6));
    return served.length > 0 ? served : roles;
  }

  async #start(served: readonly Role[]): Promise<void> {
    const process = new Process(this.#around, `p${++this.#started}`, served);
    this.#processes.push(process);
    this.#around.trace?.(`process ${process.name} starts: ${served.join(" ")}`);
    await process.start();
  }

  #restart(dead: Process): void {
    this.#processes = this.#processes.filter((process) => process !== dead);
    const afterMs = this.#troubled ? this.#chance.pick([1, 500, 5_000, 15_000]) : 1;
    this.clock.after(afterMs, () => void this.#start(dead.served));
  }

  /** From now on the world is fair, and everything must come to rest. */
  #mend(): void {
    this.#around.trace?.("the trouble is over");
    this.#troubled = false;
    this.merchant.fair = true;
    for (const institution of this.institutions.values()) institution.fair = true;
    this.#troubles.end();
  }

  #bridge(): Process | undefined {
    const bridges = this.#processes.filter(
      ({ served, liveness }) => served.includes("bridge") && !liveness.dead,
    );
    return bridges.length === 0 ? undefined : this.#chance.pick(bridges);
  }
}

function referenceData(): MemoryReference {
  const reference = new MemoryReference();
  for (const merchantId of merchants)
    reference.merchants.set(merchantId, {
      ...{ merchantId, name: merchantId, status: "active", businesses: ["pay", "topup"] },
    });
  reference.facts = channels.map((channel) => factsOf(channel));
  reference.rules = [
    { name: "large to alpha", when: "amount > 50000", channels: [{ channel: "alpha" }, { channel: "beta" }] },
    { name: "anything", channels: [{ channel: "*" }] },
  ];
  return reference;
}
