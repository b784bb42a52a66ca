import assert from "node:assert/strict";
import { Assembler, chunksOf } from "../../../../adapters/bus/postgres/chunks.js";

const text = "支付 ".repeat(100);

describe("chunks of a broadcast", () => {
  const chunks = chunksOf(7, text, 50);
  const feed = (assembler: Assembler, from: string, list = chunks): readonly (string | undefined)[] =>
    list.map((chunk) => assembler.add(from, chunk));
  const whole = [...Array<undefined>(chunks.length - 1).fill(undefined), text];

  it("make the text again, and are no longer than they may be", () => {
    assert.ok(chunks.length > 10 && chunks.every(({ part }) => part.length <= 50));
    assert.deepEqual(feed(new Assembler(), "a"), whole);
  });

  it("of several senders may lie between each other", () => {
    const assembler = new Assembler();
    const both = chunks.flatMap((chunk) => [assembler.add("a", chunk), assembler.add("b", chunk)]);
    assert.deepEqual(both.slice(-2), [text, text]);
  });

  for (const [what, missed] of [
    ["the first", chunks.slice(1)],
    ["one in the middle", chunks.filter(({ n }) => n !== 3)],
    ["the last", chunks.slice(0, -1)],
  ] as const) {
    it(`without ${what} are dropped, and the next text is whole`, () => {
      const assembler = new Assembler();
      assert.deepEqual(feed(assembler, "a", missed).filter(Boolean), []);
      assert.deepEqual(feed(assembler, "a", chunksOf(8, text, 50)), whole);
    });
  }
});
