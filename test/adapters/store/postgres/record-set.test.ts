import assert from "node:assert/strict";
import fc from "fast-check";
import pg from "pg";
import {
  encoded,
  jsonColumn,
  recordSet,
  wireColumns,
} from "../../../../adapters/store/postgres/record-set.js";
import { serverUrl } from "../../../support/postgres.js";

const columns = wireColumns("a text", "n bigint", "b boolean", "j json");
const statement = `select a, n::text, b, ${jsonColumn("j")} as j from ${recordSet(1, columns)}`;

describe("record sets", () => {
  let client: pg.Client;
  before(async () => {
    client = new pg.Client(serverUrl());
    await client.connect();
  });
  after(() => client.end());

  const text = fc
    .oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom('"', "\\", '\\"', "{a,b}", "NULL", "null", "", "\\u0041"),
    )
    .filter((each) => !each.includes("\0") && !/\p{Surrogate}/u.test(each));

  it("whatever text, numbers and JSON go in come out, row by row", async () => {
    const row = fc.record({
      a: fc.option(text),
      n: fc.option(fc.maxSafeInteger()),
      b: fc.option(fc.boolean()),
      j: fc.option(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean()))),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
        const { rows: found } = await client.query(statement, [...encoded(columns, rows)]);
        const sent = rows.map(({ a, n, b, j }) => ({ a, n: n === null ? null : String(n), b, j }));
        assert.deepEqual(JSON.parse(JSON.stringify(found)), JSON.parse(JSON.stringify(sent)));
      }),
      { numRuns: 200 },
    );
  });

  for (const [what, value] of [
    ["NUL", { deep: ["a\0b"] }],
    ["half a surrogate pair", { "\ud800": 1 }],
  ] as const)
    it(`JSON with ${what}: refused before it is sent, as data that is at fault`, () => {
      assert.throws(() => encoded(columns, [{ j: value }]), /j holds text that a database does not store/);
    });

  it("JSON that only looks like it: the six characters of an escape are text", () => {
    assert.doesNotThrow(() => encoded(columns, [{ j: { a: "\\u0000", b: "\\\\ud800" } }]));
  });
});
