import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checkRoutes } from "../../../engine/registry/route-check.js";
import { routeCases } from "./route-cases.js";

const known = ["alpha", "beta"];
const fileOf = (rules: unknown) => ({
  path: "routes.json",
  text: typeof rules === "string" ? rules : JSON.stringify(rules),
});

describe("routing rules are checked before they are stored", () => {
  for (const { mistake, rules, says, words } of routeCases)
    it(`${mistake}: ${says.join(", ")}`, () => {
      const result = checkRoutes(fileOf(rules), known);
      assert.ok(!result.ok);
      assert.deepEqual(
        result.diagnostics.map(({ file, pointer, code }) => `${file}:${pointer} ${code}`),
        says,
        JSON.stringify(result.diagnostics),
      );
      if (words) assert.match(result.diagnostics.map(({ message }) => message).join("\n"), words);
    });

  it("a wrong word of a condition is marked within it", () => {
    const when = "currency == 'CNY' && amout > 1.0";
    const result = checkRoutes(fileOf([{ name: "all", when, channels: [{ channel: "*" }] }]), known);
    const [{ pointer, range } = {}] = result.ok ? [] : result.diagnostics;
    assert.deepEqual([pointer, when.slice(range?.start, range?.end)], ["/0/when", "amout"]);
  });

  it("sound rules are taken as they are, comments and all", () => {
    const text = `[
      // dear orders go where they cost least
      { "name": "dear", "when": "amount > 100000.0 && currency == 'CNY'",
        "channels": [{ "channel": "*", "where": "channel.feeBps < 60.0 && channel.successRatio > 0.9" }] },
      { "name": "rest", "channels": [{ "channel": "alpha", "weight": 3 }, { "channel": "*" }] }
    ]`;
    const result = checkRoutes(fileOf(text), known);
    assert.deepEqual(result.ok && result.rules.map(({ name }) => name), ["dear", "rest"]);
  });

  it("where nobody can tell which channels there are, any name is taken", () => {
    assert.ok(checkRoutes(fileOf([{ name: "one", channels: [{ channel: "gamma" }] }])).ok);
  });

  it("the shipped rules are sound", () => {
    assert.ok(checkRoutes({ path: "routes.json", text: readFileSync("config/routes.json", "utf8") }, []).ok);
  });
});
