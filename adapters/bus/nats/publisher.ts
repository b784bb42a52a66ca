/**
 * Sends, many at once: each publication resolves by its own acknowledgement, and none waits for another. A lost
 * connection rejects all that are under way at once: whether the server has them is unknown, and the sender's
 * repetition under the same publication id is dropped by the server when it has.
 */
import { ValenceError } from "../../../engine/errors.js";
import type { Publication } from "../../../engine/ports/broker.js";
import type { Clock } from "../../../engine/ports/clock.js";
import { Acks, NobodyThere } from "./acks.js";
import { encode } from "./codec.js";
import type { Connection } from "./connection.js";
import type { Names } from "./names.js";
import type { Streams } from "./streams.js";

/** The server acknowledges in milliseconds; one that is busy recovering may take seconds. */
const ackTimeoutMs = 10_000;

export class Publisher {
  readonly #underWay = new Set<(why: ValenceError) => void>();
  #acks: Acks | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly streams: Streams,
    private readonly names: Names,
    private readonly clock: Clock,
  ) {
    connection.on((event) => {
      if (event.kind === "disconnected") this.abort(event.why);
    });
  }

  /** @throws ValenceError `broker_unreachable`: not sent, or it is not known whether it arrived. */
  send(publication: Publication): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#underWay.add(reject);
      this.#deliver(publication)
        .then(resolve, (error: unknown) => reject(asValenceError(error, publication.queue)))
        .finally(() => this.#underWay.delete(reject));
    });
  }

  /** Rejects everything under way. */
  abort(why: string): void {
    const error = new ValenceError(
      "broker_unreachable",
      `${why}; it is not known whether the message arrived`,
    );
    for (const reject of this.#underWay) reject(error);
    this.#underWay.clear();
    this.#acks?.abort(error);
  }

  async #deliver(publication: Publication): Promise<void> {
    const { queue } = publication;
    const making = this.streams.ensure(queue);
    if (making) await making;
    try {
      await this.#publish(publication);
    } catch (error) {
      if (!(error instanceof NobodyThere)) throw error;
      // The stream was deleted since it was seen. The queue exists by being sent to, so it is made again.
      this.streams.forget(queue);
      await this.streams.ensure(queue);
      await this.#publish(publication);
    }
  }

  #publish(publication: Publication): Promise<void> {
    const { nats } = this.connection.link;
    this.#acks ??= new Acks(nats, this.clock, ackTimeoutMs);
    const subject = this.names.subjectOf(publication.queue);
    return this.#acks.publish(subject, encode(publication), publication.publicationId);
  }
}

const asValenceError = (error: unknown, queue: string): ValenceError =>
  error instanceof ValenceError
    ? error
    : new ValenceError("broker_unreachable", `NATS did not take a message for ${queue}: ${String(error)}`, {
        cause: error,
      });
