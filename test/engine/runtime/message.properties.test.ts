/** Bodies of engine messages: what a build writes every build reads, and anything else is `message_malformed`. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { ValenceError } from "../../../engine/errors.js";
import type { Row } from "../../../engine/ports/store.js";
import { runBodyOf, signalBodyOf } from "../../../engine/runtime/message.js";
import { json, jsonObject, number, text } from "../../support/arbitrary.js";

const id = fc.uuid({ version: 7 });
const count = fc.nat();
const run = fc.record({
  ...{ runId: id, flow: text, planHash: text, type: text, stage: text, hop: count },
  ...{ acceptedAtMs: count, fields: jsonObject, entries: fc.dictionary(text, count), signalsSeen: count },
});
const signal = fc.record(
  { signalId: id, runId: id, signal: text, fields: jsonObject, hop: count },
  { requiredKeys: ["signalId", "runId", "signal", "fields"] },
);

const wrong = fc.constantFrom<unknown>(undefined, null, true, [], -1, 0.5, 2 ** 60, "", "not-an-id", {});
const readers = [
  ["run", run, runBodyOf],
  ["signal", signal, signalBodyOf],
] as const;

const isMalformed = (error: unknown): boolean =>
  error instanceof ValenceError && error.code === "message_malformed";

for (const [type, bodies, read] of readers) {
  describe(`a message of type ${type}, whatever is in it`, () => {
    const taken = (body: Row): boolean => {
      try {
        assert.equal(read({ type, body }), body);
        return true;
      } catch (error) {
        assert.ok(isMalformed(error), String(error));
        return false;
      }
    };

    it("is read as it was written", () => {
      fc.assert(fc.property(bodies as fc.Arbitrary<Row>, (body) => assert.ok(taken(body))));
    });

    it("and is malformed without any of its fields", () => {
      const without = (bodies as fc.Arbitrary<Row>).chain((body) =>
        fc
          .constantFrom(...Object.keys(body).filter((name) => type === "run" || name !== "hop"))
          .map((name) => {
            const { [name]: _, ...rest } = body;
            return rest;
          }),
      );
      fc.assert(fc.property(without, (body) => assert.ok(!taken(body))));
    });

    it("never holds what a worker could not work with", () => {
      const changed = fc
        .tuple(bodies as fc.Arbitrary<Row>, fc.oneof(wrong, json, number))
        .chain(([body, value]) =>
          fc.constantFrom(...Object.keys(body)).map((name) => ({ ...body, [name]: value })),
        );
      fc.assert(
        fc.property(fc.oneof(changed, jsonObject), (body: Row) => {
          if (!taken(body)) return;
          for (const name of ["fields", "entries"]) assert.ok(!Array.isArray(body[name]), name);
          for (const name of ["hop", "acceptedAtMs", "signalsSeen"])
            assert.ok(
              body[name] === undefined || (Number.isSafeInteger(body[name]) && Number(body[name]) >= 0),
              name,
            );
        }),
        { numRuns: 500 },
      );
    });
  });
}
