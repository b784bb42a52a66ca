import assert from "node:assert/strict";
import { figure, table } from "../../../bench/report/table.js";

describe("tables", () => {
  it("are Markdown, and stand straight as text: names left, figures right", () =>
    assert.equal(
      table(
        ["contestant", "payments/s"],
        [
          ["floor", "2,800"],
          ["Valence", "3,500"],
        ],
      ),
      [
        "| contestant | payments/s |",
        "| ---------- | ---------: |",
        "| floor      |      2,800 |",
        "| Valence    |      3,500 |",
        "",
      ].join("\n"),
    ));

  it("a row that is too short is filled", () =>
    assert.match(table(["a", "b"], [["x"]]), /\| x {3}\| {5}\|\n$/));

  const figures: readonly (readonly [value: number, digits: number, text: string])[] = [
    [1234.56, 0, "1,235"],
    [1234.56, 1, "1,234.6"],
    [0, 2, "0.00"],
    [Number.NaN, 1, "-"],
    [Infinity, 0, "-"],
  ];
  for (const [value, digits, text] of figures)
    it(`${value} with ${digits} digits: ${text}`, () => assert.equal(figure(value, digits), text));
});
