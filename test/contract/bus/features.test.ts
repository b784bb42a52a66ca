/** The table of features names cases that exist, on the bus for which it names them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../support/checkout.js";
import { busNames, type BusName } from "./feature.js";
import { features } from "./features.js";

const brokers: readonly BusName[] = ["amqp", "nats"];

/** Where cases are, and on which buses they run. */
const suites: readonly { readonly under: string; readonly on: readonly BusName[] }[] = [
  { under: "test/contract/bus/", on: busNames },
  { under: "test/contract/broker", on: brokers },
  { under: "test/engine/relay/", on: brokers },
  { under: "test/slow/chaos/broker.test.ts", on: brokers },
  ...busNames.flatMap((bus) =>
    ["test/adapters/bus", "test/slow/adapters/bus"].map((under) => ({
      under: `${under}/${bus}/`,
      on: [bus],
    })),
  ),
  { under: "test/adapters/store/postgres/connections.test.ts", on: ["postgres"] },
  { under: "test/slow/adapters/store/postgres/restart.test.ts", on: ["postgres"] },
];

/** Titles of the cases a bus is tried with, as their sources have them. */
function titlesOn(bus: BusName): ReadonlySet<string> {
  const files = readdirSync(path.join(root, "test"), { recursive: true, encoding: "utf8" })
    .map((file) => `test/${file.replaceAll(path.sep, "/")}`)
    .filter((file) => file.endsWith(".ts"))
    .filter((file) => suites.some(({ under, on }) => on.includes(bus) && file.startsWith(under)));
  const sources = files.map((file) => readFileSync(path.join(root, file), "utf8"));
  return new Set(
    sources.flatMap((text) => [...text.matchAll(/\bit\(\s*"([^"]+)"/g)].map(([, title]) => title ?? "")),
  );
}

describe("the table of bus features", () => {
  for (const bus of busNames) {
    const titles = titlesOn(bus);
    it(`${bus}: what it has is shown by cases that exist and run on it`, () => {
      for (const { name, shown, on } of features) {
        const offer = on[bus];
        if (offer.support === "unsupported") continue;
        const named = [...shown, ...(offer.shown ?? [])];
        assert.ok(named.length > 0, `${name}: nothing shows it`);
        for (const title of named) assert.ok(titles.has(title), `${name}: there is no case "${title}"`);
      }
    });

    it(`${bus}: what it has not says what follows`, () => {
      for (const { name, on } of features)
        if (on[bus].support === "unsupported") assert.ok((on[bus].lacks ?? "").length > 0, name);
    });
  }

  it("names each feature once", () =>
    assert.equal(new Set(features.map(({ name }) => name)).size, features.length));
});
