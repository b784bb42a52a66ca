import assert from "node:assert/strict";
import { faultKinds, Faults } from "../../../../adapters/channels/institution-faults.js";
import {
  charges,
  driver,
  order,
  patience,
  postFault,
  receiver,
  requests,
  simulator,
  stopAll,
  until,
} from "./support.js";

/** Charging a card while the fault is in force, then asking about it once the fault is gone. */
const table = `
  # fault               driver says   inquiry says   charged
  none                  approved      approved       once
  decline               declined      declined       never
  slow                  approved      approved       once
  hang                  unknown       approved       once
  reset-before          unknown       absent         never
  reset-after           unknown       approved       once
  late-charge           unknown       absent         late
  garbage               unknown       approved       once
  error-500             unknown       absent         never
  duplicate-callback    approved      approved       once
  late-callback         approved      approved       once
  no-callback           approved      approved       once
`;
const rows = table
  .split("\n")
  .map((line) => line.trim().split(/\s+/))
  .filter((cells) => cells.length === 4 && cells[0] !== "#") as [string, string, string, string][];

describe("the faults of the simulated institution", () => {
  afterEach(stopAll);

  for (const [kind, says, inquired, charged] of rows)
    it(`${kind}: the driver says ${says}, an inquiry ${inquired}, charged ${charged}, sent once`, async () => {
      const sim = await simulator();
      const channel = driver(sim.url, { callTimeoutMs: kind === "hang" ? 300 : 5000 });
      const payment = order();
      if (kind !== "none")
        assert.equal(
          (await postFault(sim, { kind, rate: 1, delayMs: kind === "late-charge" ? 800 : 150 })).status,
          201,
        );

      const answer = await channel.charge(payment, patience());
      await fetch(`${sim.url}/__sim/faults`, { method: "DELETE" });
      const found = await channel.inquire(payment, patience());
      assert.deepEqual([answer.result, found.result], [says, inquired]);

      const wanted = charged === "never" ? 0 : 1;
      const rowsFound = await until(
        () => charges(sim, payment.paymentId),
        (list) => list.length >= wanted,
      );
      assert.equal(rowsFound.length, wanted);
      if (charged === "late") assert.equal((await channel.inquire(payment, patience())).result, "approved");

      const pays = (await requests(sim)).filter((request) => request.operation === "pay");
      assert.deepEqual(
        pays.map(({ paymentId, fault }) => [paymentId, fault ?? "none"]),
        [[payment.paymentId, kind.endsWith("callback") ? "none" : kind]],
      );
    });

  it("the table has a row for every kind there is", () => {
    assert.deepEqual(rows.map(([kind]) => kind).sort(), ["none", ...faultKinds].sort());
  });

  const callbackTable: [kind: string, callbacks: number][] = [
    ["none", 1],
    ["duplicate-callback", 2],
    ["late-callback", 1],
    ["no-callback", 0],
  ];
  for (const [kind, callbacks] of callbackTable)
    it(`${kind}: a QR payment is charged once and called back ${callbacks} time(s)`, async () => {
      const { url, received } = await receiver();
      const sim = await simulator({ callbackUrl: url });
      const channel = driver(sim.url);
      const payment = order({ method: "qr" });
      const of = (paymentId: string): number => received.filter((one) => one.paymentId === paymentId).length;
      if (kind !== "none")
        await postFault(sim, { kind, delayMs: 500, match: { paymentId: payment.paymentId } });

      assert.equal((await channel.charge(payment, patience())).result, "pending");
      await until(
        () => charges(sim, payment.paymentId),
        (list) => list.length === 1,
      );
      if (kind === "late-callback") assert.equal(of(payment.paymentId), 0);
      await until(
        async () => of(payment.paymentId),
        (count) => count >= callbacks,
      );

      // A payment that starts and is called back afterwards shows that no more is on its way.
      const after = order({ method: "qr" });
      await channel.charge(after, patience());
      await until(
        async () => of(after.paymentId),
        (count) => count === 1,
      );
      assert.equal(of(payment.paymentId), callbacks);
      assert.equal((await charges(sim, payment.paymentId)).length, 1);
    });

  it("a payer can decline, hesitate or walk away", async () => {
    const { url, received } = await receiver();
    const sim = await simulator({ callbackUrl: url });
    const channel = driver(sim.url);
    const payer = { operation: "payer" };
    await postFault(sim, { kind: "decline", match: { ...payer, amount: 1 } });
    await postFault(sim, { kind: "hang", match: { ...payer, amount: 2 } });
    const [declines, leaves, pays] = [1, 2, 3].map((amountMinor) => order({ amountMinor, method: "qr" }));
    for (const payment of [declines!, leaves!, pays!])
      assert.equal((await channel.charge(payment, patience())).result, "pending");
    await until(
      async () => received.length,
      (count) => count === 2,
    );
    const results = [declines!, leaves!, pays!].map(
      async (payment) => (await channel.inquire(payment, patience())).result,
    );
    assert.deepEqual(await Promise.all(results), ["declined", "pending", "approved"]);
    assert.deepEqual(
      (await charges(sim)).map((row) => row.paymentId),
      [pays!.paymentId],
    );
  });

  it("the same seed meets the same requests with the same fate, another seed does not", () => {
    const fates = (seed: number): string => {
      const faults = new Faults(seed);
      faults.add({ kind: "decline", rate: 0.3 });
      return Array.from({ length: 200 }, () => (faults.draw("pay", {}) ? "x" : ".")).join("");
    };
    assert.equal(fates(7), fates(7));
    assert.notEqual(fates(7), fates(8));
    const struck = fates(7).split("x").length - 1;
    assert.ok(struck > 30 && struck < 90, `${struck} of 200 at rate 0.3`);
  });

  it("a fault strikes only what it names, and only as often as it says", () => {
    const faults = new Faults(1);
    faults.add({
      kind: "hang",
      times: 1,
      match: { operation: "query", paymentId: "p", amount: 5, method: "card" },
    });
    const facts = { paymentId: "p", amount: 5, method: "card" };
    assert.equal(faults.draw("pay", facts), undefined);
    for (const other of [{ paymentId: "q" }, { amount: 6 }, { method: "qr" }])
      assert.equal(faults.draw("query", { ...facts, ...other }), undefined);
    assert.equal(faults.draw("query", facts)?.kind, "hang");
    assert.equal(faults.draw("query", facts), undefined);
  });

  const malformed: [fault: unknown, says: RegExp][] = [
    [
      { kind: "explode", rate: 1 },
      /unknown kind "explode"; kinds: decline, slow, hang, reset-before, .*error-500/,
    ],
    [{ rate: 1 }, /unknown kind undefined; kinds: /],
    [{ kind: "toString" }, /unknown kind/],
    [[], /a fault is an object/],
    [{ kind: "slow", rate: 1.5 }, /rate must be/],
    [{ kind: "slow", delayMs: -1 }, /delayMs must be/],
    [{ kind: "slow", delay: 5 }, /has no "delay"/],
    [{ kind: "slow", match: { operaton: "pay" } }, /match has no "operaton"/],
    [
      { kind: "decline", match: { operation: "query" } },
      /decline can strike at operation pay, refund, payer/,
    ],
    [{ kind: "slow", match: { amount: "12" } }, /match.amount/],
    [{ kind: "slow", times: 0 }, /times/],
  ];
  for (const [fault, says] of malformed)
    it(`refuses ${JSON.stringify(fault)} and says why`, async () => {
      const sim = await simulator();
      const answer = await postFault(sim, fault);
      assert.equal(answer.status, 400);
      assert.match(((await answer.json()) as { message: string }).message, says);
      assert.deepEqual(await (await fetch(`${sim.url}/__sim/faults`)).json(), []);
    });

  it("lists faults with what they hit, and forgets them on DELETE", async () => {
    const sim = await simulator();
    await postFault(sim, { kind: "decline", rate: 1, match: { operation: "pay" } });
    await driver(sim.url).charge(order(), patience());
    const list = (await (await fetch(`${sim.url}/__sim/faults`)).json()) as Record<string, unknown>[];
    assert.deepEqual(list, [
      { id: 1, kind: "decline", rate: 1, delayMs: 0, match: { operation: "pay" }, hits: 1 },
    ]);
    assert.equal((await fetch(`${sim.url}/__sim/faults`, { method: "DELETE" })).status, 204);
    assert.equal((await driver(sim.url).charge(order(), patience())).result, "approved");
  });
});
