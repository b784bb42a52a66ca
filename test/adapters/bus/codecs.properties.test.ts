/** Every codec of a broker: what goes in comes out, and what is none of ours is said to be none. */
import { strict as assert } from "node:assert";
import type { Message } from "amqplib";
import fc from "fast-check";
import * as amqp from "../../../adapters/bus/amqp/codec.js";
import * as nats from "../../../adapters/bus/nats/codec.js";
import type { Publication } from "../../../engine/ports/broker.js";
import { json, jsonObject, number, text } from "../../support/arbitrary.js";

const name = fc.string({ minLength: 1, maxLength: 40 });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const publication: fc.Arbitrary<Publication> = fc.record(
  {
    ...{ publicationId: name, messageId: name, type: name, queue: fc.constant("flow.pay") },
    ...{ body: jsonObject, deliveryCount: count, readyAtMs: count },
    ...{ correlationId: name, replyTo: name, expiresAtMs: count },
  },
  {
    noNullPrototype: true,
    requiredKeys: ["publicationId", "messageId", "type", "queue", "body", "deliveryCount", "readyAtMs"],
  },
);

interface Wire {
  readonly bytes: Buffer;
  /** What travels beside the bytes. */
  readonly beside: unknown;
}

const codecs: readonly {
  readonly name: string;
  encode(publication: Publication): Wire;
  decode(wire: Wire): Publication;
}[] = [
  {
    name: "AMQP",
    encode: (sent) => {
      const { content, options } = amqp.encode(sent);
      return { bytes: content, beside: options };
    },
    decode: ({ bytes, beside }) =>
      amqp.decode(
        { content: bytes, properties: Object(beside) as object, fields: {} } as Message,
        "flow.pay",
      ),
  },
  {
    name: "NATS",
    encode: (sent) => ({ bytes: Buffer.from(nats.encode(sent)), beside: undefined }),
    decode: ({ bytes }) => nats.decode("flow.pay", bytes),
  },
];

/** Has the shape of a publication, or an error says why not. */
function assertReadOrRefused(decode: () => Publication): void {
  try {
    const { publicationId, messageId, type, body, deliveryCount, readyAtMs } = decode();
    for (const value of [publicationId, messageId, type])
      assert.ok(typeof value === "string" && value !== "");
    for (const value of [deliveryCount, readyAtMs]) assert.ok(Number.isSafeInteger(value));
    assert.ok(typeof body === "object" && body !== null && !Array.isArray(body));
  } catch (error) {
    assert.ok(error instanceof Error && !(error instanceof assert.AssertionError), String(error));
    assert.ok(error.message !== "" && !(error instanceof TypeError), error.stack);
  }
}

for (const codec of codecs) {
  describe(`publications on ${codec.name}, whatever is in them`, () => {
    it("come out as they went in: every text, every number, every key", () => {
      fc.assert(
        fc.property(publication, (sent) => {
          const received = codec.decode(codec.encode(sent));
          assert.deepEqual(received, sent);
          assert.equal(JSON.stringify(received.body), JSON.stringify(sent.body));
        }),
        { numRuns: 200 },
      );
    });

    it("arbitrary bytes are read or refused with a reason", () => {
      const damaged = fc
        .tuple(publication, fc.nat(), fc.uint8Array({ maxLength: 4 }))
        .map(([sent, at, put]) => {
          const { bytes, beside } = codec.encode(sent);
          const cut = at % (bytes.length + 1);
          return { bytes: Buffer.concat([bytes.subarray(0, cut), put, bytes.subarray(cut + 1)]), beside };
        });
      const wire = fc.oneof(
        fc.record({ bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)), beside: json }),
        fc.record({ bytes: json.map((value) => Buffer.from(JSON.stringify(value))), beside: json }),
        damaged,
      );
      fc.assert(
        fc.property(wire, (sent) => assertReadOrRefused(() => codec.decode(sent))),
        { numRuns: 400 },
      );
    });

    it("one field that is anything else is read or refused with a reason", () => {
      const fields = ["messageId", "type", "body", "correlationId", "replyTo", "expiresAtMs", "headers", "v"];
      const change = fc.tuple(publication, fc.constantFrom(...fields), fc.oneof(json, text, number));
      fc.assert(
        fc.property(change, ([sent, field, value]) => {
          const { bytes, beside } = codec.encode(sent);
          const wire =
            beside === undefined
              ? {
                  bytes: Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), [field]: value })),
                  beside,
                }
              : { bytes, beside: { ...(beside as object), [field]: value } };
          assertReadOrRefused(() => codec.decode(wire));
        }),
        { numRuns: 200 },
      );
    });

    it("a hundred thousand levels are read or refused, and nothing runs out of stack", () => {
      const deep = Buffer.from(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
      assertReadOrRefused(() => codec.decode({ bytes: deep, beside: undefined }));
    });
  });
}
