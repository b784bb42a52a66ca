import assert from "node:assert/strict";
import { callbackPath } from "../../../../adapters/channels/simulator/dialect.js";
import {
  charges,
  driver,
  order,
  patience,
  receiver,
  secret,
  signatureHeaders,
  simulator,
  stopAll,
  until,
  type ReceivedCallback,
} from "./support.js";

const channel = () => driver("http://127.0.0.1:1");

function signed(
  content: unknown,
  options: { secret?: string; direction?: "callback" | "response"; path?: string; atMs?: number } = {},
) {
  const body = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  const { direction = "callback", path = callbackPath, atMs = Date.now() } = options;
  return {
    headers: signatureHeaders(options.secret ?? secret, direction, path, body, atMs),
    bodyBase64: body.toString("base64"),
  };
}

const approved = {
  code: "APPROVED",
  message: "ok",
  paymentId: "p-1",
  channelOrderId: "SIM1",
  amount: 5,
  currency: "CNY",
};
const swapBody = (callback: { headers: Record<string, string> }, content: unknown) => ({
  headers: callback.headers,
  bodyBase64: Buffer.from(JSON.stringify(content)).toString("base64"),
});

describe("callbacks of the simulated institution", () => {
  afterEach(stopAll);

  const table: [
    what: string,
    callback: { headers: Record<string, string>; bodyBase64: string },
    verdict: string,
    status: number,
  ][] = [
    ["approved", signed(approved), "approved", 200],
    ["declined", signed({ ...approved, code: "DECLINED" }), "declined", 200],
    ["a code never seen", signed({ ...approved, code: "MAYBE" }), "unknown", 200],
    ["a real one, an hour late", signed(approved, { atMs: Date.now() - 3_600_000 }), "approved", 200],
    ["unsigned", { headers: {}, bodyBase64: signed(approved).bodyBase64 }, "forged", 401],
    ["signed with another secret", signed(approved, { secret: "guess" }), "forged", 401],
    [
      "an answer passed off as a callback",
      signed(approved, { direction: "response", path: "/sim/pay" }),
      "forged",
      401,
    ],
    [
      "a declined one rewritten to approved",
      swapBody(signed({ ...approved, code: "DECLINED" }), approved),
      "forged",
      401,
    ],
    [
      "another payment under an old signature",
      swapBody(signed(approved), { ...approved, paymentId: "p-2" }),
      "forged",
      401,
    ],
    ["signed, but about nothing", signed({ code: "APPROVED" }), "forged", 400],
    ["signed, but not JSON", signed("APPROVED"), "forged", 400],
  ];
  for (const [what, callback, verdict, status] of table)
    it(`${what}: ${verdict}, answered ${status}`, () => {
      const out = channel().callback(callback);
      assert.equal(out.verdict === "genuine" ? out.answer.result : out.verdict, verdict);
      assert.equal(out.reply.status, status);
      if (out.verdict === "genuine") assert.equal(out.paymentId, "p-1");
    });

  it("a replay states the same fact again and nothing else", () => {
    const callback = signed(approved);
    assert.deepEqual(channel().callback(callback), channel().callback(callback));
  });

  it("header names may come in any case", () => {
    const { headers, bodyBase64 } = signed(approved);
    const upper = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    assert.equal(channel().callback({ headers: upper, bodyBase64 }).verdict, "genuine");
  });

  it("what the institution sends is what the driver takes", async () => {
    const { url, received } = await receiver();
    const sim = await simulator({ callbackUrl: url });
    const payment = order({ method: "qr" });
    await driver(sim.url).charge(payment, patience());
    await until(
      async () => received.length,
      (count) => count === 1,
    );
    const out = channel().callback(received[0] as ReceivedCallback);
    const [row] = await charges(sim, payment.paymentId);
    assert.ok(out.verdict === "genuine");
    assert.deepEqual(
      [out.paymentId, out.answer.result, out.answer.channelOrderId],
      [payment.paymentId, "approved", row!.channelOrderId],
    );
  });

  it("is repeated until a 2xx, three times at most", async function () {
    this.timeout(15_000);
    const { url, received } = await receiver([500, 302, 500, 500]);
    const sim = await simulator({ callbackUrl: () => url });
    const refused = order({ method: "qr" });
    await driver(sim.url).charge(refused, patience());
    await until(
      async () => received.length,
      (count) => count === 3,
    );
    // The fourth answer is a failure too, so this payment needs two tries; the first gets no fourth meanwhile.
    const taken = order({ method: "qr" });
    await driver(sim.url).charge(taken, patience());
    await until(
      async () => received.length,
      (count) => count === 5,
    );
    assert.deepEqual(
      received.map((one) => one.paymentId),
      [refused, refused, refused, taken, taken].map((one) => one.paymentId),
    );
  });
});
