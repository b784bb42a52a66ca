/** HTTP by hand over a socket: what no client library would send, and a strict reader for what comes back. */
import { strict as assert } from "node:assert";
import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * A connection that keeps what arrives and never throws: what becomes of it is read afterwards.
 * `halfOpen`: it does not close its side when the server closes its own.
 */
export class RawConnection {
  readonly socket: Socket;
  readonly #received: Buffer[] = [];
  /** Resolves when both sides are closed, by whoever and however. */
  readonly closed: Promise<void>;
  /** Resolves when the server has closed its side or the connection is gone. */
  readonly ended: Promise<void>;

  constructor(url: string, { halfOpen = false } = {}) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ port: Number(port), host: hostname, allowHalfOpen: halfOpen });
    this.socket.on("data", (bytes: Buffer) => void this.#received.push(bytes));
    // ECONNRESET, EPIPE: the server has closed; `closed` tells.
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
    this.ended = Promise.race([
      this.closed,
      new Promise<void>((resolve) => this.socket.once("end", () => resolve())),
    ]);
  }

  /** Resolves when the bytes have left, or never will. */
  async write(bytes: string | Uint8Array): Promise<void> {
    if (this.socket.destroyed || this.socket.writableEnded) return;
    await Promise.race([this.closed, new Promise((resolve) => this.socket.write(bytes, resolve))]);
  }

  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** @throws AssertionError when what came is not a row of whole answers. */
  get answers(): readonly RawAnswer[] {
    return readAnswers(this.received);
  }

  /** Closed, or silent for `silentMs`, or `atMostMs` over. */
  async settle(silentMs: number, atMostMs: number): Promise<"closed" | "open"> {
    const giveUpAtMs = Date.now() + atMostMs;
    let gone = false;
    void this.ended.then(() => (gone = true));
    for (let bytes = -1, quietSinceMs = Date.now(); Date.now() < giveUpAtMs;) {
      if (gone) return "closed";
      if (this.socket.bytesRead !== bytes) [bytes, quietSinceMs] = [this.socket.bytesRead, Date.now()];
      if (Date.now() - quietSinceMs >= silentMs) return "open";
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return gone ? "closed" : "open";
  }
}

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d) [ -~]*$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t -~\x80-\xff]*)$/;

/** Every byte belongs to an answer, each has a length and all of it; interim answers (100) are left out. */
export function readAnswers(bytes: Buffer): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\r\n\r\n", at);
    assert.ok(end >= 0, `an answer without end: ${quoted(bytes.subarray(at))}`);
    const [first = "", ...lines] = bytes.toString("latin1", at, end).split("\r\n");
    const status = Number(statusLine.exec(first)?.[1]);
    assert.ok(status > 0, `no status line: ${quoted(bytes.subarray(at))}`);
    at = end + 4;
    if (status < 200) continue;
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [, name = "", value = ""] = headerLine.exec(line) ?? [];
      assert.ok(name !== "", `no header: ${line}`);
      headers.set(name.toLowerCase(), value.trim());
    }
    const length = Number(headers.get("content-length") ?? Number.NaN);
    assert.ok(Number.isInteger(length), `an answer without length: ${first}`);
    assert.ok(at + length <= bytes.length, "an answer that is cut off");
    answers.push({ status, headers, body: bytes.toString("utf8", at, at + length) });
    at += length;
  }
  return answers;
}

/** What every refusal must be. */
export function assertProblem(answer: RawAnswer): void {
  assert.equal(answer.headers.get("content-type"), "application/problem+json", quoted(answer.body));
  const problem = JSON.parse(answer.body) as Readonly<Record<string, unknown>>;
  assert.equal(problem["status"], answer.status);
  assert.equal(problem["type"], `urn:valence:problem:${String(problem["code"])}`);
}

const quoted = (text: Buffer | string): string => JSON.stringify(text.toString().slice(0, 200));
