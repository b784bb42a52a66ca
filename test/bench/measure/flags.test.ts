import assert from "node:assert/strict";
import { readFlags, usageOf } from "../../../bench/measure/flags.js";
import { UsageError } from "../../../bench/options.js";

const flags = {
  orders: { preset: 5_000_000, help: "settled orders" },
  database: { preset: "", help: "one that is filled already" },
  keep: { preset: false, help: "leave it" },
} as const;

describe("the command line of a measurement", () => {
  it("without a word: the presets", () =>
    assert.deepEqual(readFlags(flags, []), { orders: 5_000_000, database: "", keep: false }));

  it("what is said wins", () =>
    assert.deepEqual(readFlags(flags, ["--orders", "20", "--database=x", "--keep"]), {
      ...{ orders: 20, database: "x", keep: true },
    }));

  const wrong = [["--orders", "0"], ["--orders=1.5"], ["--orders", "many"], ["--oders", "1"], ["orders"]];
  for (const args of wrong)
    it(`${args.join(" ")}: a usage error`, () => assert.throws(() => readFlags(flags, args), UsageError));

  it("the usage names every flag, its kind and what it is without it", () => {
    const usage = usageOf(flags);
    assert.match(usage, /^ +--orders N +settled orders; default 5000000$/m);
    assert.match(usage, /^ +--database TEXT +one that is filled already$/m);
    assert.match(usage, /^ +--keep +leave it$/m);
  });
});
