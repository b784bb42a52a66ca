/** What cannot be read is kept for people, byte for byte and with the reason, in a stream that nobody consumes. */
import { headers } from "@nats-io/transport-node";
import { codes, found, isCode, nanosOf } from "./api.js";
import type { Connection } from "./connection.js";
import type { Names } from "./names.js";

/** The last ones, for a month. */
const kept = { max_msgs: 10_000, max_age: nanosOf(30 * 24 * 3_600_000) } as const;

/** Resolves when it is stored. May be stored twice. */
export type KeepMalformed = (queue: string, bytes: Uint8Array, why: string) => Promise<void>;

export function malformedIn(connection: Connection, names: Names, replicas: number): KeepMalformed {
  const ensure = async (): Promise<void> => {
    const { streams } = connection.link.manager;
    const name = names.malformedStream;
    if (await found(streams.info(name))) return;
    await streams
      .add({ name, subjects: [names.allMalformed], num_replicas: replicas, ...kept })
      .catch((error: unknown) => {
        if (!isCode(error, codes.streamExists)) throw error;
      });
  };
  return async (queue, bytes, why) => {
    await ensure();
    const said = headers();
    said.set("Valence-Why", why.replaceAll(/[\r\n]/g, " "));
    await connection.link.jetstream.publish(names.malformedOf(queue), bytes, { headers: said });
  };
}
