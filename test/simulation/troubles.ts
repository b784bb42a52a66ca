/** Deaths, stalls, cuts and outages, at moments that the seed decides; they end when the trouble is over. */
import type { Publication } from "../../engine/ports/broker.js";
import { Stream } from "./streams.js";
import type { Process, Surroundings } from "./process.js";

export interface TroublesOptions {
  readonly around: Surroundings;
  readonly processes: () => readonly Process[];
}

export class Troubles {
  readonly #chance: Stream;
  /** Ends of outages that are under way. */
  readonly #ends = new Set<() => void>();

  constructor(private readonly options: TroublesOptions) {
    this.#chance = new Stream(options.around.climate.seed, "troubles");
  }

  start(): void {
    const { climate, database, reference, counts } = this.options.around;
    const chance = this.#chance;
    this.#times(climate.kills, () => this.#any()?.kill("at random"));
    this.#times(climate.stalls, () => this.#any()?.stall(chance.between(500, 40_000)));
    this.#times(climate.databaseOutages, () => {
      database.away = true;
      counts.add("database outage");
      this.#until(chance.between(200, 20_000), () => {
        database.away = false;
        database.queue.changed();
      });
    });
    this.#times(climate.referenceOutages, () => {
      reference.stale = true;
      counts.add("reference data stale");
      this.#until(chance.between(200, 10_000), () => void (reference.stale = false));
    });
    if (climate.bus === "relay") this.#ofTheBroker();
  }

  #ofTheBroker(): void {
    const { climate, server, counts, trace } = this.options.around;
    const chance = this.#chance;
    this.#times(climate.brokerCuts, () => {
      counts.add("broker connection cut");
      const process = this.#any();
      process?.cut();
      this.#until(chance.between(0, 3_000), () => process?.mend());
    });
    this.#times(climate.brokerOutages, () => {
      counts.add("broker outage");
      for (const process of this.options.processes()) process.cut();
      this.#until(chance.between(500, 20_000), () => {
        for (const process of this.options.processes()) process.mend();
      });
    });
    this.#times(climate.diskLosses, () => {
      const lost = server.lose((publication) => this.#isSwept(publication));
      counts.add("messages lost with the broker's disk", lost);
      trace?.(`the broker loses ${lost} messages`);
    });
  }

  /** The engine promises to send it again: it carries a run that has a row. */
  #isSwept({ type, body }: Publication): boolean {
    const run =
      type === "run" ? this.options.around.database.find("runs", { runId: body["runId"] }) : undefined;
    return run?.["state"] === "open";
  }

  /** Whatever is still broken is mended now. */
  end(): void {
    for (const end of [...this.#ends]) end();
  }

  #times(count: number, happens: () => void): void {
    const { climate, clock } = this.options.around;
    for (let n = 0; n < count; n++) clock.after(this.#chance.below(climate.troubleMs), happens);
  }

  #until(forMs: number, end: () => void): void {
    const once = (): void => {
      if (this.#ends.delete(once)) end();
    };
    this.#ends.add(once);
    this.options.around.clock.after(forMs, once);
  }

  #any(): Process | undefined {
    const living = this.options.processes().filter(({ liveness }) => !liveness.dead);
    return living.length === 0 ? undefined : this.#chance.pick(living);
  }
}
