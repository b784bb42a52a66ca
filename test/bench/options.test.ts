import assert from "node:assert/strict";
import { contestantNames } from "../../bench/contestants/contestant.js";
import { readOptions, UsageError, usage } from "../../bench/options.js";

describe("the command line of the benchmark", () => {
  it("without a word: every contestant, 64 in flight, at least two rounds", () => {
    const { contestants, inFlight, rounds } = readOptions([]);
    assert.deepEqual(contestants, contestantNames);
    assert.equal(inFlight, 64);
    assert.ok(rounds >= 2);
  });

  it("--quick: one round of everything in less than a minute of load", () => {
    const { contestants, rounds, seconds, warmUpSeconds, halfLoadSeconds } = readOptions(["--quick"]);
    assert.equal(rounds, 1);
    assert.ok(contestants.length * (seconds + warmUpSeconds + halfLoadSeconds) < 60);
  });

  it("what is said wins over the presets", () => {
    const options = readOptions(["--quick", "--seconds", "20", "--in-flight", "256", "--only", "floor,dbos"]);
    assert.deepEqual([options.seconds, options.inFlight, options.contestants], [20, 256, ["floor", "dbos"]]);
  });

  it("arguments for node keep their own dashes", () =>
    assert.deepEqual(readOptions(["--node-args=--cpu-prof --cpu-prof-dir=/p"]).nodeArgs, [
      "--cpu-prof",
      "--cpu-prof-dir=/p",
    ]));

  const wrong = [
    ["--only", "sqlite"],
    ["--rounds", "0"],
    ["--seconds", "1.5"],
    ["--half-load", "-1"],
    ["--fast"],
  ];
  for (const args of wrong)
    it(`${args.join(" ")}: a usage error`, () => assert.throws(() => readOptions(args), UsageError));

  it("the usage names every flag", () => {
    for (const flag of [
      "quick",
      "only",
      "rounds",
      "seconds",
      "warm-up",
      "half-load",
      "in-flight",
      "node-args",
      "json",
    ])
      assert.match(usage, new RegExp(`^ {2}--${flag}[ =]`, "m"));
  });
});
