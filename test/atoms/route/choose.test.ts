import assert from "node:assert/strict";
import { runAtom } from "../../support/memory/atoms.js";
import { factsOf } from "../../../adapters/memory/facts.js";
import { MemoryReference } from "../../../adapters/memory/reference.js";

const order = { merchantId: "m1", type: "pay", amount: 1000, currency: "CNY" };
const reference = new MemoryReference();
reference.facts = ["alpha", "beta"].map((name) => factsOf(name));
reference.rules = ["alpha", "beta"].map((channel) => ({ name: channel, channels: [{ channel, weight: 1 }] }));

describe("route.choose", () => {
  const opened = { paymentId: "p1", channel: "alpha" };
  const rows: readonly (readonly [string, object, string])[] = [
    ["nothing wanted", {}, "alpha"],
    ["a channel wanted", { channel: "beta" }, "beta wanted beta"],
    ["a channel wanted that nobody has", { channel: "gamma" }, "no_route"],
    ["our own choice could not be reached", { ...opened, channelsTried: ["alpha"] }, "beta"],
    [
      "the one wanted could not be reached",
      { ...opened, channelWanted: "alpha", channelsTried: ["alpha"] },
      "no_route",
    ],
    ["none could be reached", { ...opened, channelsTried: ["alpha", "beta"] }, "no_route"],
    ["a method nobody offers", { method: "cash" }, "no_route"],
  ];
  for (const [what, fields, expected] of rows)
    it(`${what}: ${expected}`, async () => {
      const { outcome, fields: written = {} } = await runAtom(
        "route.choose",
        { ...order, ...fields },
        { ports: { reference } },
      );
      const { channel, channelWanted, problem } = written as Record<string, unknown>;
      const said = problem
        ? (problem as { code: string }).code
        : [channel, ...(channelWanted === undefined ? [] : ["wanted", channelWanted])].join(" ");
      assert.equal(said, expected);
      assert.equal(outcome, problem ? "rejected" : "ok");
    });
});
