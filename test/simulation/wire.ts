/**
 * The way from one process to the database and back. A batch takes its time; once it is on the way it is executed,
 * whether its process still lives or not; and the word that it was may be lost.
 */
import { type Clock, sleep } from "../../engine/ports/clock.js";
import { BatchError, type BatchResult, type Unit } from "../../engine/ports/store.js";
import type { MemoryDatabase, MemoryWriter, Relay } from "../../adapters/memory/database.js";
import type { Climate } from "./climate.js";
import type { Counts } from "./counts.js";
import type { Liveness } from "./liveness.js";
import type { Stream } from "./streams.js";

export interface WireOptions {
  readonly database: MemoryDatabase;
  readonly clock: Clock;
  readonly climate: Climate;
  readonly chance: Stream;
  readonly counts: Counts;
  readonly liveness: Liveness;
  /** False: no trouble any more. */
  readonly troubled: () => boolean;
  /** Told what is written, right before it is executed; what it returns, when it was committed. */
  readonly writing: (units: readonly Unit[]) => () => void;
}

export class Wire implements MemoryWriter {
  constructor(private readonly options: WireOptions) {}

  write(units: readonly Unit[], relay?: Relay): Promise<BatchResult> {
    return this.options.liveness.pass(() => this.#send(units, relay));
  }

  committedOwners(units: readonly Unit[]): Promise<ReadonlySet<string>> {
    return this.options.liveness.pass(async () => {
      await this.delay();
      return this.options.database.committedOwners(units);
    });
  }

  /** What a question takes. */
  delay(): Promise<void> {
    const { chance, climate, clock } = this.options;
    return sleep(clock, chance.between(0, climate.databaseDelayMsMax));
  }

  async #send(units: readonly Unit[], relay: Relay | undefined): Promise<BatchResult> {
    const { database, climate, chance, counts, troubled, writing } = this.options;
    const lost = troubled() && chance.chance(climate.commitLost);
    const arrives = !lost || chance.chance(0.5);
    await this.delay();
    if (lost) counts.add(`commit lost, ${arrives ? "applied" : "not applied"}`);
    if (!arrives) throw new BatchError("lost", "the connection died");
    database.reachable();
    const committed = writing(units);
    const result = await database.write(units, relay);
    if (result.result === "committed") committed();
    if (lost) throw new BatchError("lost", "the connection died");
    await this.delay();
    // Away since it was executed: nobody can say that it was.
    if (database.away) throw new BatchError("lost", "the connection died");
    return result;
  }
}
