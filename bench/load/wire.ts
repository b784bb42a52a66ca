/**
 * Just enough HTTP/1.1 (RFC 9112) for the load process, on bare sockets: kept connections, one message at a time, bodies
 * with a content-length. node's own server and client cost several times as much, and what the load process takes the
 * contestants on the same processors do not get.
 */

export interface Message {
  /** `POST /sim/pay HTTP/1.1` or `HTTP/1.1 202 Accepted`. */
  readonly start: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const headEnd = Buffer.from("\r\n\r\n");
/** Nobody here sends more before the body. */
const headBytesMax = 16 * 1024;
const nothing = Buffer.alloc(0);

/** Cuts what arrives on one connection into messages. */
export class Messages {
  #pending: Buffer = nothing;

  /** @throws Error on what this does not speak: the connection cannot be used any longer */
  feed(chunk: Buffer, take: (message: Message) => void): void {
    let bytes: Buffer = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const end = bytes.indexOf(headEnd);
      if (end < 0) {
        if (bytes.length > headBytesMax) throw new Error("a head without an end");
        break;
      }
      const { start, headers } = parseHead(bytes.toString("latin1", 0, end));
      if (headers["transfer-encoding"] !== undefined) throw new Error("a body without a length");
      const bodyStart = end + headEnd.length;
      const bodyEnd = bodyStart + Number(headers["content-length"] ?? 0);
      if (!(bodyEnd >= bodyStart)) throw new Error("a length that is no number");
      if (bytes.length < bodyEnd) break;
      take({ start, headers, body: bytes.subarray(bodyStart, bodyEnd) });
      bytes = bytes.subarray(bodyEnd);
    }
    this.#pending = bytes;
  }
}

function parseHead(text: string): Pick<Message, "start" | "headers"> {
  const [start = "", ...lines] = text.split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { start, headers };
}

/** Bytes as `latin1` text, to be written in one piece. `body` must be such text, too. */
export function format(start: string, headers: Readonly<Record<string, string>>, body: string): string {
  let text = `${start}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name] ?? ""}\r\n`;
  return `${text}content-length: ${body.length}\r\n\r\n${body}`;
}
