/**
 * Sends, many at once: each publication resolves by its own acknowledgement, and none waits for another. A lost
 * connection rejects all that are under way at once: whether the server has them is unknown, and the sender's
 * repetition under the same publication id is dropped by the server when it has.
 */
import { JetStreamError } from "@nats-io/jetstream";
import { ValenceError } from "../../../engine/errors.js";
import type { Publication } from "../../../engine/ports/broker.js";
import { encode } from "./codec.js";
import type { Connection } from "./connection.js";
import type { Names } from "./names.js";
import type { Streams } from "./streams.js";

/** The server acknowledges in milliseconds; one that is busy recovering may take seconds. */
const ackTimeoutMs = 10_000;

export class Publisher {
  readonly #underWay = new Set<(why: ValenceError) => void>();

  constructor(
    private readonly connection: Connection,
    private readonly streams: Streams,
    private readonly names: Names,
  ) {
    connection.on((event) => {
      if (event.kind === "disconnected") this.abort(event.why);
    });
  }

  /** @throws ValenceError `broker_unreachable`: not sent, or it is not known whether it arrived. */
  async send(publication: Publication): Promise<void> {
    const { queue } = publication;
    try {
      const making = this.streams.ensure(queue);
      if (making) await making;
      await this.#publish(publication);
    } catch (error) {
      if (!isNobodyThere(error)) throw asValenceError(error, queue);
      // The stream is gone: deleted since it was seen. The queue exists by being sent to, so it is made again.
      this.streams.forget(queue);
      await this.#sendAgain(publication);
    }
  }

  /** Rejects everything under way. */
  abort(why: string): void {
    const error = new ValenceError(
      "broker_unreachable",
      `${why}; it is not known whether the message arrived`,
    );
    for (const reject of [...this.#underWay]) reject(error);
  }

  async #sendAgain(publication: Publication): Promise<void> {
    try {
      await this.streams.ensure(publication.queue);
      await this.#publish(publication);
    } catch (error) {
      throw asValenceError(error, publication.queue);
    }
  }

  #publish(publication: Publication): Promise<void> {
    const { jetstream } = this.connection.link;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#underWay.delete(reject);
        act();
      };
      this.#underWay.add(reject);
      jetstream
        .publish(this.names.subjectOf(publication.queue), encode(publication), {
          msgID: publication.publicationId,
          timeout: ackTimeoutMs,
        })
        .then(
          () => settle(resolve),
          (error: unknown) => settle(() => reject(error as Error)),
        );
    });
  }
}

/** The client's word for "no stream listens to this subject". */
const isNobodyThere = (error: unknown): boolean =>
  error instanceof Error && error.name === "JetStreamNotEnabled";

const asValenceError = (error: unknown, queue: string): ValenceError =>
  error instanceof ValenceError
    ? error
    : new ValenceError(
        "broker_unreachable",
        `NATS did not take a message for ${queue}: ${error instanceof JetStreamError ? error.message : String(error)}`,
        { cause: error },
      );
