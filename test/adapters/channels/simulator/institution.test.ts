import assert from "node:assert/strict";
import {
  call,
  charges,
  driver,
  order,
  patience,
  postFault,
  requests,
  secret,
  signatureHeaders,
  simulator,
  stopAll,
  until,
} from "./support.js";

const pay = (some: Record<string, unknown> = {}) => ({
  paymentId: "p-1",
  orderId: "o-1",
  amount: 100,
  currency: "CNY",
  subject: "x",
  ...some,
});

describe("the simulated institution", () => {
  afterEach(stopAll);

  it("refuses what is not signed for this operation, executes nothing, and keeps it in the list of requests", async () => {
    const sim = await simulator();
    const body = Buffer.from(JSON.stringify(pay()));
    const send = (headers: Record<string, string>) =>
      fetch(`${sim.url}/sim/pay`, { method: "POST", headers, body });
    const wrong = [
      {},
      signatureHeaders("other", "request", "/sim/pay", body, Date.now()),
      signatureHeaders(secret, "request", "/sim/query", body, Date.now()),
      signatureHeaders(secret, "request", "/sim/pay", body, Date.now() - 301_000),
    ];
    for (const headers of wrong) assert.equal((await send(headers)).status, 401);
    assert.deepEqual(await charges(sim), []);
    assert.deepEqual(
      (await requests(sim)).map(({ n, operation, genuine }) => [n, operation, genuine]),
      wrong.map((_, index) => [index + 1, "pay", false]),
    );
  });

  const invalid: Record<string, unknown>[] = [
    { paymentId: "" },
    { paymentId: 5 },
    { amount: 0 },
    { amount: 1.5 },
    { amount: "100" },
    { currency: "yuan" },
    { method: "cheque" },
  ];
  for (const some of invalid)
    it(`refuses ${JSON.stringify(some)} and charges nothing`, async () => {
      const sim = await simulator();
      const { status, body } = await call(sim, "pay", pay(some));
      assert.deepEqual([status, body["code"]], [400, "INVALID_REQUEST"]);
      assert.deepEqual(await charges(sim), []);
    });

  it("a body that is too large is refused unread", async () => {
    const sim = await simulator();
    assert.equal(
      (await fetch(`${sim.url}/sim/pay`, { method: "POST", body: "x".repeat(70_000) })).status,
      413,
    );
  });

  for (const method of ["card", "wallet", undefined])
    it(`approves ${method ?? "no method"} at once, whatever the amount`, async () => {
      const sim = await simulator();
      for (const amount of [1, 13, 4013, 999_999])
        assert.equal((await call(sim, "pay", pay({ method, amount }))).body["code"], "APPROVED");
      const [row] = await charges(sim);
      assert.deepEqual(Object.keys(row!).sort(), [
        "amount",
        "at",
        "channelOrderId",
        "currency",
        "method",
        "paymentId",
        "refunded",
      ]);
    });

  it("refunds in parts, never more than was charged, whatever races", async () => {
    const sim = await simulator();
    await call(sim, "pay", pay());
    const refund = (refundId: string, amount: number) =>
      call(sim, "refund", { refundId, paymentId: "p-1", amount });
    const codes = (await Promise.all([refund("r-1", 60), refund("r-2", 60), refund("r-3", 40)])).map(
      ({ body }) => body["code"],
    );
    assert.deepEqual(codes, ["REFUNDED", "REFUND_EXCEEDS", "REFUNDED"]);
    assert.equal((await charges(sim))[0]!.refunded, 100);
    assert.equal((await refund("r-4", 1)).body["code"], "REFUND_EXCEEDS");
    assert.equal(
      (await call(sim, "refund", { refundId: "r-5", paymentId: "nobody", amount: 1 })).body["code"],
      "NOT_FOUND",
    );
  });

  it("what was closed is never charged: unpaid, late, or not yet arrived", async () => {
    const sim = await simulator({ payerDelayMs: 150 });
    await postFault(sim, { kind: "late-charge", delayMs: 150, match: { amount: 7 } });
    await call(sim, "pay", pay({ method: "qr" }));
    await driver(sim.url).charge(order({ paymentId: "p-2", amountMinor: 7 }), patience());
    for (const paymentId of ["p-1", "p-2", "p-3"]) {
      assert.equal((await call(sim, "close", { paymentId })).body["code"], "CLOSED");
      assert.equal((await call(sim, "query", { paymentId })).body["code"], "CLOSED");
      assert.equal((await call(sim, "pay", pay({ paymentId }))).body["code"], "CLOSED");
    }
    // A payer who scans later than all of them shows that their time has passed.
    await call(sim, "pay", pay({ paymentId: "p-4", method: "qr" }));
    const rows = await until(
      () => charges(sim),
      (list) => list.length > 0,
    );
    assert.deepEqual(
      rows.map((row) => row.paymentId),
      ["p-4"],
    );
  });

  it("a paid payment cannot be closed", async () => {
    const sim = await simulator();
    await call(sim, "pay", pay());
    assert.equal((await call(sim, "close", { paymentId: "p-1" })).body["code"], "ALREADY_PAID");
    assert.equal((await call(sim, "query", { paymentId: "p-1" })).body["code"], "APPROVED");
  });

  it("with dedupe a repeat gets the first answer again", async () => {
    const sim = await simulator({ dedupe: true, payerDelayMs: 60_000 });
    const twice = async (operation: "pay" | "refund", content: Record<string, unknown>) => {
      const answers = [await call(sim, operation, content), await call(sim, operation, content)];
      assert.deepEqual(
        answers[1]!.body["channelOrderId"] ?? answers[0]!.body["channelOrderId"],
        answers[0]!.body["channelOrderId"],
      );
      return answers.map(({ body }) => body["code"]);
    };
    assert.deepEqual(await twice("pay", pay()), ["APPROVED", "APPROVED"]);
    assert.deepEqual(await twice("pay", pay({ paymentId: "p-2", method: "qr" })), [
      "WAITING_PAYER",
      "WAITING_PAYER",
    ]);
    assert.deepEqual(await twice("refund", { refundId: "r-1", paymentId: "p-1", amount: 60 }), [
      "REFUNDED",
      "REFUNDED",
    ]);
    assert.equal((await call(sim, "pay", pay({ amount: 5 }))).body["code"], "INVALID_REQUEST");
    assert.deepEqual(
      (await charges(sim)).map(({ paymentId, refunded }) => [paymentId, refunded]),
      [["p-1", 60]],
    );
  });

  it("with dedupe a late charge that is asked for again happens once", async () => {
    const sim = await simulator({ dedupe: true });
    const payment = order();
    await postFault(sim, { kind: "late-charge", delayMs: 100, times: 1 });
    assert.equal((await driver(sim.url).charge(payment, patience())).result, "unknown");
    assert.equal((await driver(sim.url).charge(payment, patience())).result, "approved");
    await postFault(sim, { kind: "late-charge", delayMs: 100, times: 1 });
    await driver(sim.url).charge(order(), patience());
    await until(
      () => charges(sim),
      (list) => list.length === 2,
    );
    assert.equal((await charges(sim, payment.paymentId)).length, 1);
  });

  it("the bill of a day holds every charge and refund of it", async () => {
    const sim = await simulator();
    await call(sim, "pay", pay());
    await call(sim, "refund", { refundId: "r-1", paymentId: "p-1", amount: 30 });
    const bill = async (day: string) => {
      const path = `/sim/bill?day=${day}`;
      const headers = signatureHeaders(secret, "request", path, Buffer.alloc(0), Date.now());
      return (await (await fetch(sim.url + path, { headers })).json()) as {
        code: string;
        rows?: Record<string, unknown>[];
      };
    };
    const today = new Date((await charges(sim))[0]!.at).toISOString().slice(0, 10);
    const { rows } = await bill(today);
    assert.deepEqual(
      rows!.map(({ kind, amount, paymentId }) => [kind, amount, paymentId]),
      [
        ["charge", 100, "p-1"],
        ["refund", 30, "p-1"],
      ],
    );
    assert.deepEqual((await bill("2001-01-01")).rows, []);
    assert.equal((await bill("today")).code, "INVALID_REQUEST");
  });
});
