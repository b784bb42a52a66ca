import assert from "node:assert/strict";
import { format, type Message, Messages } from "../../../bench/load/wire.js";

const first = format("POST /a HTTP/1.1", { Host: "x", "X-Thing": "one: two" }, '{"a":1}');
const second = format("HTTP/1.1 202 Accepted", {}, "");

/** What comes out when the bytes arrive in pieces of `size`. */
function arrived(bytes: Buffer, size: number): readonly Message[] {
  const messages = new Messages();
  const taken: Message[] = [];
  for (let at = 0; at < bytes.length; at += size)
    messages.feed(bytes.subarray(at, at + size), ({ start, headers, body }) =>
      taken.push({ start, headers, body: Buffer.from(body) }),
    );
  return taken;
}

describe("messages on a connection", () => {
  const bytes = Buffer.from(first + second + first, "latin1");

  it("are the same in whatever pieces they arrive", () => {
    const whole = arrived(bytes, bytes.length);
    assert.deepEqual(
      whole.map(({ start, body }) => [start, body.toString()]),
      [
        ["POST /a HTTP/1.1", '{"a":1}'],
        ["HTTP/1.1 202 Accepted", ""],
        ["POST /a HTTP/1.1", '{"a":1}'],
      ],
    );
    assert.deepEqual(whole[0]?.headers, { host: "x", "x-thing": "one: two", "content-length": "7" });
    for (let size = 1; size < bytes.length; size += 1) assert.deepEqual(arrived(bytes, size), whole);
  });

  const refused: readonly (readonly [why: string, text: string])[] = [
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["a length that is no number", "HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n"],
    ["a head without an end", "x".repeat(20_000)],
  ];
  for (const [why, text] of refused)
    it(`${why}: refused, rather than misread`, () => assert.throws(() => arrived(Buffer.from(text), 64)));
});
