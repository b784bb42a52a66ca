/**
 * Runs that an event starts, over before the event is durable. A subscriber that only enters something in the books
 * needs no message, no commit and no wait of its own: when this process serves its queue, its one stage is played in the
 * commit that announces the event, and both are durable or neither.
 *
 * Whatever speaks against it (another stage to come, a call to make, a lost guard, a step that fails) leaves the message
 * where it was, and the run begins with that.
 */
import { ValenceError } from "../errors.js";
import type { Bus, Delivery, OutgoingMessage } from "../ports/bus.js";
import type { Clock, Random } from "../ports/clock.js";
import type { Store, Unit } from "../ports/store.js";
import type { Move } from "./advance.js";
import type { Crash } from "./crash-points.js";
import { joinUnits } from "./join.js";
import type { LinkedPlan, LinkedTransaction } from "./linked-plan.js";
import { runBodyOf } from "./message.js";
import { guestUnit, placeOf, stageOf, Work } from "./work.js";

/** The plan of this hash, if this process can run it without asking anybody. */
export type PlanPeek = (hash: string) => LinkedPlan | undefined;

/** A run that was over before the event that started it was durable. */
export interface Guest {
  readonly work: Work;
  readonly move: Move;
  readonly outcome: string;
}

/** A unit, and the runs that are over with it. */
export interface Party {
  readonly unit: Unit;
  readonly guests: readonly Guest[];
}

export interface GuestPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly crash: Crash;
}

export class Guests {
  /** @param play runs the steps of a stage that touches nothing outside, and says where its run goes */
  constructor(
    private readonly ports: GuestPorts,
    private readonly planOf: PlanPeek,
    private readonly play: (work: Work, linked: LinkedPlan) => Promise<Guest>,
  ) {}

  /** Plays the runs that `unit` starts into it. Undefined: there are none that could be. */
  async join(host: Work, unit: Unit): Promise<Party | undefined> {
    const guests: Guest[] = [];
    let whole = unit;
    for (const message of unit.publish) {
      const guest = await this.#play(host, message);
      const own = guest?.work.endUnit({ owner: this.ports.random.id(), ...guest });
      const joined = own && joinUnits(whole, guestUnit(own), (table) => this.ports.store.shape(table));
      if (!guest || !joined) continue;
      guests.push(guest);
      whole = { ...joined, publish: joined.publish.filter((each) => each !== message) };
    }
    return guests.length === 0 ? undefined : { unit: whole, guests };
  }

  /** Undefined: it is not for here, it is not over by one transaction, or it fails. */
  async #play(host: Work, message: OutgoingMessage): Promise<Guest | undefined> {
    const { bus, clock, crash } = this.ports;
    const { messageId, queue, type, body } = message;
    // The start of another run, which its publisher may begin with.
    if (type !== "run" || message.claim !== true || body["hop"] !== 0) return undefined;
    const linked = this.planOf(String(body["planHash"]));
    const stage = linked?.stages.get(String(body["stage"]));
    if (!linked || !staysInside(stage) || !bus.serves(queue)) return undefined;
    // As if its message had been delivered.
    const delivery: Delivery = {
      messageId,
      queue,
      type,
      body,
      token: host.delivery.token,
      deliveryCount: 1,
      expired: false,
      queueWaitMs: 0,
    };
    const open = [...host.open, stageOf(host)];
    const work = new Work(delivery, runBodyOf(message), stage, clock.monotonicMs(), { open });
    crash("delivered", placeOf(work));
    try {
      const guest = await this.play(work, linked);
      if (guest.move.state !== "ended") return undefined;
      crash("before-commit", placeOf(work));
      return guest;
    } catch (error) {
      if (error instanceof ValenceError) return undefined;
      throw error;
    }
  }
}

const staysInside = (stage: ReturnType<LinkedPlan["stages"]["get"]>): stage is LinkedTransaction =>
  stage?.kind === "transaction" && !stage.external && !stage.readsRows;
