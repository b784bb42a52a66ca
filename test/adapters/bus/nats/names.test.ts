import assert from "node:assert/strict";
import fc from "fast-check";
import { nameOf, namesIn, tokenOf } from "../../../../adapters/bus/nats/names.js";

describe("names on NATS", () => {
  const table = [
    ["flow.pay", "flow_pay"],
    ["flow.pay!high", "flow_pay=21high"],
    ["channel.sim-b.follow", "channel_sim-b_follow"],
    ["order.paid@notify", "order_paid=40notify"],
    ["a_b", "a=5fb"],
    ["a b*>/\\", "a=20b=2a=3e=2f=5c"],
    ["größe", "gr=c3=b6=c3=9fe"],
  ] as const;
  for (const [name, token] of table) {
    it(`${name} is ${token}, and back`, () => {
      assert.equal(tokenOf(name), token);
      assert.equal(nameOf(token), name);
    });
  }

  it("any two names differ on the server, and are safe as stream, subject and folder", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        assert.equal(nameOf(tokenOf(name)), name);
        assert.match(tokenOf(name), /^[A-Za-z0-9_=-]*$/);
      }),
    );
  });

  it("a stream says its queue, and only in its own namespace", () => {
    const names = namesIn("valence");
    assert.equal(names.queueOf(names.streamOf("flow.pay!high")), "flow.pay!high");
    assert.equal(names.queueOf(namesIn("valence-b").streamOf("flow.pay")), undefined);
    assert.equal(names.queueOf(names.malformedStream), undefined);
  });

  it("a name no stream can have is refused", () => {
    assert.throws(() => namesIn("valence").streamOf("x".repeat(250)), RangeError);
  });
});
