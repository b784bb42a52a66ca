/**
 * Orders under an institution that misbehaves, while anything dies at random: kill -9 of modules, institution,
 * merchant, database and broker. The seed chooses whom, when, and what the orders are like. Ends with the
 * reconciliation of every accepted order against the institution's own ledger.
 */
import assert from "node:assert/strict";
import { seededFraction } from "../../../adapters/channels/institution-faults.js";
import type { BusKind } from "../buses.js";
import { type Answer, Client, insist, submit } from "../client.js";
import { balance } from "./ledger.js";
import { type ChaosSystem, startChaosSystem, type Victim } from "./system.js";

export interface ChaosOptions {
  readonly bus: BusKind["name"];
  readonly seed: number;
  readonly orders: number;
  /** So often each of the servers dies, and so often anything else. */
  readonly serverKills: number;
  readonly otherKills: number;
}

export interface ChaosReport {
  readonly orders: number;
  /** What became of them, by state. */
  readonly states: Readonly<Record<string, number>>;
  /** By what was killed. */
  readonly kills: Readonly<Record<string, number>>;
  /** Requests the institution misbehaved at, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
}

const inFlight = 32;
const trafficMsMax = 600_000;
const settleMsMax = 180_000;

/** Everything the simulated institution can do to a caller short of saying no, at all of its operations. */
const faults = [
  { kind: "reset-after", rate: 0.03 },
  { kind: "reset-before", rate: 0.02 },
  { kind: "hang", rate: 0.01 },
  { kind: "garbage", rate: 0.03 },
  { kind: "error-500", rate: 0.02 },
  { kind: "slow", rate: 0.05, delayMs: 300 },
  { kind: "duplicate-callback", rate: 0.3 },
  { kind: "late-callback", rate: 0.2, delayMs: 2_000 },
  { kind: "no-callback", rate: 0.1 },
];

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @throws AssertionError when an order is lost, charged twice or told wrongly */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const system = await startChaosSystem(options.bus);
  try {
    return await new Chaos(system, options).run();
  } finally {
    await system.stop();
  }
}

class Chaos {
  readonly #random: () => number;
  readonly #kills: Record<string, number> = {};
  readonly #faults: Record<string, number> = {};
  #killed = 0;
  #next = 0;

  constructor(
    private readonly system: ChaosSystem,
    private readonly options: ChaosOptions,
  ) {
    this.#random = seededFraction(options.seed);
  }

  async run(): Promise<ChaosReport> {
    const { cluster, database } = this.system;
    const { orders } = this.options;
    const startedMs = performance.now();
    await this.#misbehave();
    const deaths = this.#deaths();
    const killing = this.#kill(deaths);
    // Observed at once, so that its failure is not unhandled while orders are still being sent.
    killing.catch(() => undefined);
    await Promise.all(Array.from({ length: inFlight }, () => this.#send(deaths.length)));
    await killing;
    await this.#countFaults();
    await fetch(`${cluster.simulator}/__sim/faults`, { method: "DELETE" });
    for (const { name } of this.system.modules)
      assert.ok(cluster.lives(name), `${name} has ended by itself, which no death of another may cause`);
    const states = await balance(cluster, database, orders, settleMsMax);
    return {
      orders,
      states,
      kills: this.#kills,
      faults: this.#faults,
      elapsedMs: performance.now() - startedMs,
    };
  }

  /** Who dies, in which order. */
  #deaths(): readonly Victim[] {
    const { modules, outside, servers } = this.system;
    const { serverKills, otherKills } = this.options;
    const pick = (from: readonly Victim[]): Victim =>
      from[Math.floor(this.#random() * from.length)] as Victim;
    const deaths = servers.flatMap((server) => Array.from({ length: serverKills }, () => server));
    const others = Array.from({ length: otherKills }, () => pick([...modules, ...outside]));
    return [...deaths, ...others]
      .map((victim) => [this.#random(), victim] as const)
      .sort(([a], [b]) => a - b)
      .map(([, victim]) => victim);
  }

  async #kill(deaths: readonly Victim[]): Promise<void> {
    for (const victim of deaths) {
      await sleep(200 + this.#random() * 800);
      if (victim.name === "simulator") await this.#countFaults();
      await victim.kill();
      await sleep(this.#random() * 500);
      await victim.up();
      if (victim.name === "simulator") await this.#misbehave();
      this.#kills[victim.name] = (this.#kills[victim.name] ?? 0) + 1;
      this.#killed++;
    }
  }

  /** The orders keep pace with the deaths, so that each finds some under way. */
  async #send(deaths: number): Promise<void> {
    const { orders } = this.options;
    const { cluster } = this.system;
    const client = new Client(cluster.bridge, cluster.credentials);
    const giveUpAtMs = Date.now() + trafficMsMax;
    while (this.#next < orders) {
      const share = this.#next / orders;
      if (this.#killed < Math.floor(share * (deaths + 1))) {
        await sleep(10);
        continue;
      }
      const n = this.#next++;
      const body = {
        merchantOrderId: `C-${n}`,
        ...{ amount: 100 + n, currency: "CNY", subject: "chaos", notifyUrl: cluster.notifyUrl },
        ...(this.#random() < 0.3 ? { method: "qr" } : {}),
      };
      const answer = await submit(client, body, giveUpAtMs);
      assert.ok(answer.status < 300, `C-${n}: ${answer.status} ${JSON.stringify(answer.body)}`);
      await this.#goOn(client, answer, giveUpAtMs);
      await sleep(this.#random() * 100);
    }
  }

  /** Some that are paid are given back, in part or twice; some that wait for their payer are closed. */
  async #goOn(client: Client, { body }: Answer, giveUpAtMs: number): Promise<void> {
    const [orderId, amount] = [String(body["orderId"]), Number(body["amount"])];
    if (body["status"] === "requires_action" && this.#random() < 0.3) {
      const closed = await insist(client, `/v1/orders/${orderId}/close`, {}, giveUpAtMs);
      assert.ok(closed.status < 300 || closed.body["code"] === "order_paid", JSON.stringify(closed));
    }
    if (body["status"] !== "paid" || this.#random() > 0.2) return;
    const refund = { merchantRefundId: `${orderId}-1`, amount: Math.ceil(amount * this.#random()) };
    const refunds =
      this.#random() < 0.5 ? [refund, refund, { ...refund, merchantRefundId: `${orderId}-2` }] : [refund];
    const answers = await Promise.all(
      refunds.map((each) => insist(client, `/v1/orders/${orderId}/refunds`, each, giveUpAtMs)),
    );
    for (const answer of answers)
      assert.ok(
        answer.status < 300 || answer.body["code"] === "refund_exceeds_payment",
        JSON.stringify(answer),
      );
  }

  /** What the institution was told to do does not survive its death. */
  async #misbehave(): Promise<void> {
    for (const fault of faults) {
      const answer = await fetch(`${this.system.cluster.simulator}/__sim/faults`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(fault),
      });
      assert.ok(answer.ok, await answer.text());
    }
  }

  async #countFaults(): Promise<void> {
    const answer = await fetch(`${this.system.cluster.simulator}/__sim/faults`);
    const listed = (await answer.json()) as readonly { readonly kind: string; readonly hits: number }[];
    for (const { kind, hits } of listed) this.#faults[kind] = (this.#faults[kind] ?? 0) + hits;
  }
}
