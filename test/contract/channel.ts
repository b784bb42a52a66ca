/**
 * What every channel promises, run against its simulated institution over real sockets. The tables say what the driver
 * must answer and, beside it, what the institution's ledger then holds: the second column is the money.
 */
import assert from "node:assert/strict";
import type { Answer, InstitutionDialect } from "../../adapters/channels/institution-dialect.js";
import { faultKinds } from "../../adapters/channels/institution-faults.js";
import type { ChannelAnswer, ChannelDriver } from "../../engine/ports/channel.js";
import { callbackContract } from "./channel-callbacks.js";
import {
  closedPort,
  driverOf,
  patience,
  payment,
  refundOf,
  secret,
  start,
  stopWorld,
  until,
  type ChannelUnderTest,
  type Institution,
} from "./channel-world.js";

/** Rows of a text table: cells by column name. */
function table<Column extends string>(text: string): readonly Readonly<Record<Column, string>>[] {
  const [head = [], ...rows] = text
    .trim()
    .split("\n")
    .map((line) =>
      line
        .replace("#", "")
        .trim()
        .split(/\s{2,}/),
    );
  return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index]]))) as never;
}

/** A card is charged under the fault; then the fault is gone and the institution is asked. */
const chargeFaults = table<"fault" | "charge" | "inquiry" | "charged">(`
  # fault             charge    inquiry   charged
  none                approved  approved  once
  decline             declined  declined  never
  slow                approved  approved  once
  hang                unknown   approved  once
  reset-before        unknown   absent    never
  reset-after         unknown   approved  once
  late-charge         unknown   absent    late
  garbage             unknown   approved  once
  error-500           unknown   absent    never
  duplicate-callback  approved  approved  once
  late-callback       approved  approved  once
  no-callback         approved  approved  once
`);

const refundFaults = table<"fault" | "refund" | "inquiry" | "refunded">(`
  # fault       refund    inquiry   refunded
  none          approved  approved  400
  decline       declined  absent    0
  slow          approved  approved  400
  hang          unknown   approved  400
  reset-before  unknown   absent    0
  reset-after   unknown   approved  400
  garbage       unknown   approved  400
  error-500     unknown   absent    0
`);

/** A payer holds a QR code and does nothing; the payment is closed under the fault, and closed again without it. */
const closeFaults = table<"fault" | "close" | "inquiry" | "again">(`
  # fault       close    inquiry   again
  none          closed   declined  closed
  slow          closed   declined  closed
  hang          unknown  declined  closed
  reset-before  unknown  pending   closed
  reset-after   unknown  declined  closed
  garbage       unknown  declined  closed
  error-500     unknown  pending   closed
`);

/** An institution that lies: what a driver must not believe. `charge` is answered with it. */
const lies: readonly (readonly [what: string, lie: (honest: Answer) => Answer])[] = [
  ["a code never heard of here", (honest) => ({ ...honest, code: "OK" })],
  ["another payment", (honest) => ({ ...honest, paymentId: "another" })],
  ["no payment", ({ paymentId: _, ...honest }) => honest as Answer],
  ["another amount", (honest) => ({ ...honest, amount: Number(honest["amount"]) + 1 })],
];

const lateMs = 400;
const delayOf = (fault: string): number => (fault === "late-charge" ? lateMs : 100);
/** Long enough for everything but a hang. */
const timeoutOf = (fault: string): number => (fault === "hang" ? 300 : 5_000);

export function channelContract(name: string, channel: ChannelUnderTest): void {
  const kind = channel.institution(secret);

  /** A driver and its institution under one fault. */
  async function world(fault = "none", operation?: string): Promise<[ChannelDriver, Institution]> {
    const institution = await start(kind);
    const match = operation === undefined ? {} : { match: { operation } };
    if (fault !== "none") await institution.fault({ kind: fault, delayMs: delayOf(fault), ...match });
    return [driverOf(channel, institution.url, timeoutOf(fault)), institution];
  }

  describe(`channel contract: ${name}`, () => {
    afterEach(stopWorld);

    describe("pay and query", () => {
      for (const { fault, charge, inquiry, charged } of chargeFaults)
        it(`${fault}: a charge is ${charge}, an inquiry then ${inquiry}, charged ${charged}, sent once`, async () => {
          const [driver, institution] = await world(fault);
          const asked = payment();
          const said = await driver.charge(asked, patience());
          await institution.heal();
          const found = await driver.inquire(asked, patience());
          assert.deepEqual([said.result, found.result], [charge, inquiry]);
          const times = charged === "never" ? 0 : 1;
          const rows = await until(
            () => institution.charges(asked.paymentId),
            (list) => list.length >= times,
          );
          assert.deepEqual(
            rows.map(({ amount, currency }) => [amount, currency]),
            times === 0 ? [] : [[asked.amountMinor, asked.currency]],
          );
          if (charged === "late") assert.equal((await driver.inquire(asked, patience())).result, "approved");
          const pays = (await institution.requests()).filter(({ operation }) => operation === "pay");
          assert.equal(pays.length, 1);
        });

      it("the table has every fault there is", () => {
        assert.deepEqual(chargeFaults.map(({ fault }) => fault).sort(), ["none", ...faultKinds].sort());
      });

      it("the institution's number is the same in charge, inquiry and ledger", async () => {
        const [driver, institution] = await world();
        const asked = payment();
        const said = await driver.charge(asked, patience());
        const found = await driver.inquire(asked, patience());
        const [row] = await institution.charges(asked.paymentId);
        assert.ok(row?.channelOrderId);
        assert.deepEqual(
          [said.channelOrderId, found.channelOrderId],
          [row.channelOrderId, row.channelOrderId],
        );
      });

      it("a payer who has to act: pending with an action, approved once they have paid", async () => {
        const [driver] = await world();
        const asked = payment({ method: "qr" });
        const said = await driver.charge(asked, patience());
        assert.equal(said.result, "pending");
        assert.ok(said.action?.content ?? said.action?.url);
        await until(
          async () => (await driver.inquire(asked, patience())).result,
          (result) => result === "approved",
        );
      });

      for (const fault of ["hang", "reset-before", "reset-after", "garbage", "error-500"])
        it(`${fault}: an inquiry has learned nothing`, async () => {
          const [driver, institution] = await world(fault, "query");
          const asked = payment();
          assert.equal((await driver.charge(asked, patience())).result, "approved");
          assert.equal((await driver.inquire(asked, patience())).result, "unknown");
          assert.equal((await institution.charges(asked.paymentId)).length, 1);
        });
    });

    describe("refund", () => {
      for (const { fault, refund, inquiry, refunded } of refundFaults)
        it(`${fault}: a refund is ${refund}, an inquiry then ${inquiry}, refunded ${refunded}`, async () => {
          const [driver, institution] = await world(fault, "refund");
          const asked = payment();
          await driver.charge(asked, patience());
          const back = refundOf(asked, 400);
          const said = await driver.refund(back, patience());
          await institution.heal();
          const found = await driver.inquireRefund(back, patience());
          assert.deepEqual([said.result, found.result], [refund, inquiry]);
          assert.equal((await institution.charges(asked.paymentId))[0]?.refunded, Number(refunded));
        });

      it("in parts up to the payment, never more", async () => {
        const [driver, institution] = await world();
        const asked = payment();
        await driver.charge(asked, patience());
        const results = [];
        for (const amount of [1000, 205, 1])
          results.push((await driver.refund(refundOf(asked, amount), patience())).result);
        assert.deepEqual(results, ["approved", "approved", "declined"]);
        assert.equal((await institution.charges(asked.paymentId))[0]?.refunded, 1205);
      });

      it("asked for twice under one id: executed once where the institution knows its ids", async () => {
        const institution = await start(kind, { dedupe: true });
        const driver = driverOf(channel, institution.url);
        const asked = payment();
        await driver.charge(asked, patience());
        const back = refundOf(asked, 400);
        const results = [await driver.refund(back, patience()), await driver.refund(back, patience())];
        assert.deepEqual(
          results.map(({ result }) => result),
          ["approved", "approved"],
        );
        assert.equal((await institution.charges(asked.paymentId))[0]?.refunded, 400);
      });

      it("of a payment nobody has seen: declined", async () => {
        const [driver] = await world();
        assert.equal((await driver.refund(refundOf(payment(), 1), patience())).result, "declined");
      });
    });

    describe("close", () => {
      for (const { fault, close, inquiry, again } of closeFaults)
        it(`${fault}: a close is ${close}, an inquiry then ${inquiry}, a second close ${again}, never charged`, async () => {
          const [driver, institution] = await world(fault, "close");
          await institution.fault({ kind: "hang", match: { operation: "payer" } });
          const asked = payment({ method: "qr" });
          await driver.charge(asked, patience());
          const said = await driver.close(asked, patience());
          await institution.heal();
          const found = await driver.inquire(asked, patience());
          const second = await driver.close(asked, patience());
          assert.deepEqual([said.result, found.result, second.result], [close, inquiry, again]);
          assert.equal((await driver.charge(asked, patience())).result, "declined", "closed is closed");
          assert.deepEqual(await institution.charges(), []);
        });

      it("of what was paid: paid, and it stays paid", async () => {
        const [driver, institution] = await world();
        const asked = payment();
        await driver.charge(asked, patience());
        assert.equal((await driver.close(asked, patience())).result, "paid");
        assert.equal((await institution.charges(asked.paymentId)).length, 1);
      });

      const unseen = (kind.closesUnseen ?? true) ? ["closed", 0] : ["absent", 1];
      it(`of what nobody has seen: ${unseen[0]}; the charge that arrives later is executed ${unseen[1]} times`, async () => {
        const [driver, institution] = await world();
        const asked = payment();
        assert.equal((await driver.close(asked, patience())).result, unseen[0]);
        await driver.charge(asked, patience());
        assert.equal((await institution.charges()).length, unseen[1]);
      });
    });

    callbackContract(channel);

    describe("what is not said, and what is not believed", () => {
      const lying = (dialect: Partial<InstitutionDialect>) =>
        start({ ...kind, dialect: { ...kind.dialect, ...dialect } });
      for (const [what, lie] of lies)
        it(`${what}: unknown, though the institution charged`, async () => {
          const institution = await lying({
            answer: (operation, target, honest, nowMs) =>
              kind.dialect.answer(operation, target, lie(honest), nowMs),
          });
          const driver = driverOf(channel, institution.url);
          const asked = payment();
          assert.equal((await driver.charge(asked, patience())).result, "unknown");
          assert.equal((await driver.inquire(asked, patience())).result, "unknown");
          assert.equal((await institution.charges(asked.paymentId)).length, 1);
        });

      it("signed with another secret, or an hour old: unknown", async () => {
        const { dialect } = channel.institution("a secret of somebody else");
        for (const answer of [
          dialect.answer,
          (...[operation, target, honest, nowMs]: Parameters<InstitutionDialect["answer"]>) =>
            kind.dialect.answer(operation, target, honest, nowMs - 3_600_000),
        ]) {
          const driver = driverOf(channel, (await lying({ answer })).url);
          assert.equal((await driver.charge(payment(), patience())).result, "unknown");
        }
      });

      it("nobody listens: nothing was sent, an inquiry has learned nothing, a probe is silent", async () => {
        const driver = driverOf(channel, await closedPort());
        assert.deepEqual(await everyResult(driver, patience()), {
          charge: "notSent",
          refund: "notSent",
          close: "notSent",
          inquire: "unknown",
          inquireRefund: "unknown",
          probe: "silent",
        });
      });

      it("aborted before the call: the same, and nobody was called", async () => {
        const [driver, institution] = await world();
        const { charge, refund, close } = await everyResult(driver, AbortSignal.abort());
        assert.deepEqual([charge, refund, close], ["notSent", "notSent", "notSent"]);
        assert.deepEqual(await institution.requests(), []);
      });

      it("the evidence shows the exchange and neither people's data nor signatures", async () => {
        const [driver] = await world();
        const asked = payment({ subject: "Private matter", returnUrl: "https://shop.example/?t=t0ken" });
        const back = { ...refundOf(asked, 5), reason: "Private reason" };
        const answers = [
          await driver.charge(asked, patience()),
          await driver.inquire(asked, patience()),
          await driver.refund(back, patience()),
          await driver.inquireRefund(back, patience()),
          await driver.close(asked, patience()),
        ];
        for (const { evidence } of answers) {
          const text = JSON.stringify(evidence);
          assert.ok(text.includes(asked.paymentId) && text.includes('"response"'), text);
          assert.doesNotMatch(text, /Private|t0ken|[A-Fa-f0-9]{64}|[A-Za-z0-9+/]{43}=|"sign/);
          assert.ok(!text.includes(secret));
        }
      });
    });

    describe("probe", () => {
      it("answers while the institution does, and moves no money", async () => {
        const [driver, institution] = await world();
        assert.equal((await driver.probe(patience())).result, "answers");
        assert.deepEqual(await institution.charges(), []);
      });
      for (const fault of ["hang", "reset-before", "garbage", "error-500"])
        it(`${fault}: silent`, async () => {
          const [driver] = await world(fault);
          assert.equal((await driver.probe(patience())).result, "silent");
        });
    });

    it("a disposed driver sends nothing", async () => {
      const [driver, institution] = await world();
      await driver.dispose();
      assert.equal((await driver.charge(payment(), patience())).result, "notSent");
      assert.deepEqual(await institution.requests(), []);
    });
  });
}

async function everyResult(
  driver: ChannelDriver,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const asked = payment();
  const answers: Readonly<Record<string, ChannelAnswer<string>>> = {
    charge: await driver.charge(asked, signal),
    refund: await driver.refund(refundOf(asked, 1), signal),
    close: await driver.close(asked, signal),
    inquire: await driver.inquire(asked, signal),
    inquireRefund: await driver.inquireRefund(refundOf(asked, 1), signal),
    probe: await driver.probe(signal),
  };
  return Object.fromEntries(Object.entries(answers).map(([name, { result }]) => [name, result]));
}
