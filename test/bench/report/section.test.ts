import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { documentOf } from "../../../bench/report/document.js";
import { type Found, isMet, sectionText, type Target, verdicts } from "../../../bench/report/section.js";
import { sections } from "../../../bench/report/sections/index.js";
import { step, type StepFigures } from "../../../bench/report/sections/step.js";
import { writeDocument, writeResults } from "../../../bench/report/write.js";
import { root, withTree } from "../../support/checkout.js";

const target = (is: Target["is"], bar: number, found: number): Target => ({
  ...{ of: "something", is, bar, found, digits: 2 },
});

const figures: StepFigures = {
  ...{ stepsShort: 1, stepsLong: 100 },
  variants: [{ name: "telemetry silent", stepUs: 1.5, transactionUs: 20, rangeUs: [1.25, 2.5] }],
};
const found: Found<StepFigures> = {
  takenAt: "2030-01-02T03:04:05.000Z",
  machine: { cpus: 2, model: "Some processor", memoryBytes: 2 ** 34, system: "Linux 6", loadAverage: 0.5 },
  versions: {},
  settings: { rounds: 3 },
  targets: [],
  figures,
};

describe("sections of the document", () => {
  const rows: readonly (readonly [string, Target, boolean, RegExp])[] = [
    ["at least, reached", target("least", 0.9, 0.9), true, />= 0\.90 *\| *0\.90 *\| *met/],
    ["at least, missed", target("least", 0.9, 0.45), false, /0\.45 *\| *missed by 50 %/],
    ["at most, kept", target("most", 2, 1.5), true, /<= 2\.00 *\| *1\.50 *\| *met/],
    ["at most, missed", target("most", 2, 3), false, /3\.00 *\| *missed by 50 %/],
    ["never measured", target("most", 2, Number.NaN), false, /- *\| *missed/],
  ];
  for (const [what, each, met, says] of rows)
    it(`${what}: ${met ? "met" : "missed"}`, () => {
      assert.equal(isMet(each), met);
      assert.match(verdicts([each]), says);
    });

  it("say what was measured, how to repeat it, on which machine, and whether the target is met", () => {
    const text = sectionText(step, found);
    for (const part of [
      /^## The engine alone$/m,
      /telemetry silent +\| +1\.50 \|/,
      /µs per pure step +\| +<= 2\.00 \| +1\.50 \| met/,
      /`npm run measure -- step`, 2030-01-02, 2 x Some processor, load average 0\.5; rounds 3\./,
    ])
      assert.match(text, part);
  });

  it("each has a name of its own", () =>
    assert.equal(new Set(sections.map(({ name }) => name)).size, sections.length));

  it("appear in the document when their results are there, beside those of the contestants", () =>
    withTree({}, async (tree) => {
      const text = (): string => readFileSync(path.join(tree, "docs/benchmarks.md"), "utf8");
      writeResults(tree, "step", found);
      assert.deepEqual(writeDocument(tree), ["docs/benchmarks.md"]);
      assert.match(text(), /^# Benchmarks[^]*^## The engine alone$/m);
      assert.doesNotMatch(text(), /Against the targets/);

      mkdirSync(path.join(tree, "bench/results"), { recursive: true });
      cpSync(path.join(root, "bench/results/latest.json"), path.join(tree, "bench/results/latest.json"));
      assert.deepEqual(writeDocument(tree), ["docs/benchmarks.md", "docs/benchmarks.svg"]);
      assert.match(text(), /^## Against the targets$[^]*^## The engine alone$/m);
    }));

  it("what is in the repository is what the results files say", () =>
    withTree({}, async (tree) => {
      cpSync(path.join(root, "bench/results"), path.join(tree, "bench/results"), { recursive: true });
      for (const file of writeDocument(tree))
        assert.equal(
          readFileSync(path.join(root, file), "utf8"),
          readFileSync(path.join(tree, file), "utf8"),
        );
    }));

  it("without any results there is a heading and nothing else", () =>
    assert.match(documentOf(undefined, []), /^# Benchmarks\n\n[^#]*$/));
});
