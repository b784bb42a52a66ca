import assert from "node:assert/strict";
import { factsOf } from "../../../adapters/memory/facts.js";
import { vocabulary } from "../../../atoms/index.js";
import { celTypeOf } from "../../../engine/conditions.js";
import { compileRouteCondition } from "../../../engine/registry/route-conditions.js";
import { routeVocabulary } from "../../../engine/registry/route-vocabulary.js";

const channels = [
  factsOf("beta", { methods: ["card"], currencies: ["EUR"] }),
  factsOf("alpha", { methods: ["qr", "card"], currencies: ["CNY"] }),
];
const words = routeVocabulary(channels, ["topup", "pay"]);

/** A condition that needs the word to have the type the vocabulary says it has. */
const probes: Readonly<Record<string, (name: string) => string>> = {
  string: (name) => `${name} == 'x'`,
  double: (name) => `${name} > 1.0`,
  "list<string>": (name) => `'x' in ${name}`,
};

describe("the vocabulary of routing rules", () => {
  for (const [kind, list] of [
    ["when", words.fields],
    ["where", words.facts],
  ] as const)
    for (const { name, type, meaning } of list)
      it(`${name} may stand in a ${kind} and is a ${type}`, () => {
        const result = compileRouteCondition(probes[type]!(name), kind);
        assert.ok(result.ok, JSON.stringify(result));
        assert.notEqual(meaning, "");
      });

  it("fields have the types the data dictionary gives them", () => {
    const dictionary: Readonly<Record<string, { readonly schema: Parameters<typeof celTypeOf>[0] }>> =
      vocabulary.dictionary;
    assert.deepEqual(
      words.fields.map(({ name, type }) => [name, type]),
      words.fields.map(({ name }) => [name, celTypeOf(dictionary[name]?.schema)]),
    );
  });

  it("offers the values that are met today, each once", () => {
    const values = Object.fromEntries(
      [...words.fields, ...words.facts].map((word) => [word.name, word.values]),
    );
    assert.deepEqual(values["type"], ["pay", "topup"]);
    assert.deepEqual(values["method"], ["card", "qr"]);
    assert.deepEqual(values["currency"], ["CNY", "EUR"]);
    assert.deepEqual(values["channel.name"], ["alpha", "beta"]);
    assert.equal(values["amount"], undefined);
  });
});
