/**
 * The messages of one batch: what the statement holds of them, and what the bus hears of it. There are two ways.
 * `Claimed`: messages are rows beside all others; the lease is a gate and the consumed message goes in the commit.
 * `Relayed`: the broker stands beside the database; published messages are rows of the outbox until it has them, and
 * the consumed one is settled there after the commit. The fence of the journal is then the only gate.
 */
import type { ClaimDesk, Held, Outgoing, OutgoingMessage, RelayDesk } from "../../../engine/ports/bus.js";
import type { Unit } from "../../../engine/ports/store.js";
import { messageRow, outboxRow } from "./messages.js";
import { leaseKey, outboxKey, type PartKey, publishKey } from "./statement.js";

type Add = (key: PartKey, row: object) => void;
type UnitMessage = NonNullable<Unit["message"]>;

export class Claimed {
  readonly #reserved: { readonly message: OutgoingMessage; readonly token: string }[] = [];
  readonly #woken = new Set<string>();

  constructor(
    private readonly desk: ClaimDesk | undefined,
    private readonly instance: string,
  ) {}

  settle({ held, consume }: UnitMessage, ix: number, add: Add): void {
    add(leaseKey, { ix, message_id: held.messageId, token: held.token, consume });
  }

  publish(message: OutgoingMessage, add: Add): void {
    const token = message.claim === true ? this.desk?.reserve(message.queue) : undefined;
    if (token === undefined) this.#woken.add(message.queue);
    else this.#reserved.push({ message, token });
    add(publishKey, messageRow(message, token, this.instance));
  }

  committed(): void {
    for (const { message, token } of this.#reserved) this.desk?.deliver(message, token);
    if (this.#woken.size > 0) this.desk?.wake(this.#woken);
  }

  failed(): void {
    for (const { message, token } of this.#reserved) this.desk?.cancel(message.queue, token);
  }
}

export class Relayed {
  readonly #outgoing: Outgoing[] = [];
  readonly #settled: Held[] = [];

  constructor(
    private readonly desk: RelayDesk,
    private readonly instance: string,
  ) {}

  settle({ held, consume }: UnitMessage): void {
    if (consume) this.#settled.push(held);
  }

  publish(message: OutgoingMessage, add: Add): void {
    const outgoing = this.desk.prepare(message);
    this.#outgoing.push(outgoing);
    add(outboxKey, outboxRow(outgoing, this.instance));
  }

  committed(): void {
    this.desk.committed(this.#outgoing, this.#settled);
  }

  /** Nothing was said yet. */
  failed(): void {}
}
