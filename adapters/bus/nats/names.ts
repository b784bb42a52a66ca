/**
 * What the engine's queues and topics are called on the server. A queue is one stream with one subject:
 *
 *   queue      stream               subject
 *   flow.pay!high   valence+flow_pay=21high   valence.queue.flow_pay=21high
 *
 * Stream names may hold no `.`, `*`, `>`, `/`, `\` or space, subjects give the first three a meaning, and JetStream
 * makes a folder of each stream name. So a name becomes one token that is safe in all three places: letters, digits
 * and `-` stay, `.` becomes `_`, any other byte `=` and two hex digits. Nothing else is changed, so it can be read back.
 */

/** Stream names are folders: 255 bytes on every common file system. */
const streamNameBytesMax = 255;

export function tokenOf(name: string): string {
  return [...Buffer.from(name, "utf8")]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9-]/.test(character)) return character;
      return character === "." ? "_" : `=${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

export function nameOf(token: string): string {
  const bytes = token
    .replaceAll("_", ".")
    .replaceAll(/=([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

export interface Names {
  streamOf(queue: string): string;
  /** undefined for a stream that is not a queue of this namespace. */
  queueOf(stream: string): string | undefined;
  subjectOf(queue: string): string;
  /** Matches the subjects of all queues. */
  readonly allQueues: string;
  broadcastOf(topic: string): string;
  readonly malformedStream: string;
  malformedOf(queue: string): string;
  readonly allMalformed: string;
}

/** @throws RangeError from `streamOf` for a name that is too long for a stream. */
export function namesIn(namespace: string): Names {
  const prefix = tokenOf(namespace);
  return {
    streamOf: (queue) => {
      const stream = `${prefix}+${tokenOf(queue)}`;
      if (stream.length > streamNameBytesMax) throw new RangeError(`queue name too long for NATS: ${queue}`);
      return stream;
    },
    queueOf: (stream) =>
      stream.startsWith(`${prefix}+`) ? nameOf(stream.slice(prefix.length + 1)) : undefined,
    subjectOf: (queue) => `${prefix}.queue.${tokenOf(queue)}`,
    allQueues: `${prefix}.queue.*`,
    broadcastOf: (topic) => `${prefix}.broadcast.${tokenOf(topic)}`,
    // Without `+`: no queue's stream is called so.
    malformedStream: `${prefix}-malformed`,
    malformedOf: (queue) => `${prefix}.malformed.${tokenOf(queue)}`,
    allMalformed: `${prefix}.malformed.*`,
  };
}
