/** Commits of a process whose broker stands beside the database: published messages leave after them, and from the outbox. */
import type { Held, Outgoing, OutgoingMessage, RelayDesk } from "../../engine/ports/bus.js";
import type { BatchResult, BatchWriter, Unit } from "../../engine/ports/store.js";
import type { MemoryWriter } from "./database.js";

export class RelayWriter implements BatchWriter {
  constructor(
    private readonly inner: MemoryWriter,
    private readonly desk: RelayDesk,
    private readonly instance: string,
  ) {}

  async write(units: readonly Unit[]): Promise<BatchResult> {
    const outgoing: Outgoing[] = [];
    const prepare = (message: OutgoingMessage): Outgoing => {
      const prepared = this.desk.prepare(message);
      outgoing.push(prepared);
      return prepared;
    };
    const result = await this.inner.write(units, { instance: this.instance, prepare });
    if (result.result === "committed") this.desk.committed(outgoing, settledBy(units));
    return result;
  }

  committedOwners(units: readonly Unit[]): Promise<ReadonlySet<string>> {
    return this.inner.committedOwners(units);
  }
}

const settledBy = (units: readonly Unit[]): readonly Held[] =>
  units.flatMap(({ message }) => (message?.consume ? [message.held] : []));
