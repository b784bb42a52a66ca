/** The part of the channel contract that is about the institution's own calls. */
import assert from "node:assert/strict";
import type { Answer } from "../../adapters/channels/institution-dialect.js";
import type { CallbackIn, ChannelDriver } from "../../engine/ports/channel.js";
import {
  driverOf,
  patience,
  payment,
  receiver,
  secret,
  start,
  until,
  type ChannelUnderTest,
} from "./channel-world.js";

/** Milliseconds a late callback is late. */
const lateMs = 400;

const told: Answer = { code: "APPROVED", message: "ok", paymentId: "p-1", amount: 5, currency: "CNY" };

export function callbackContract(channel: ChannelUnderTest): void {
  const kind = channel.institution(secret);

  describe("callback", () => {
    /** A QR payment under one fault, and the callbacks that came of it, answered as the driver says. */
    async function called(fault = "none", count = 1): Promise<[ChannelDriver, string, CallbackIn[]]> {
      const listening = driverOf(channel, "http://127.0.0.1:1");
      const { url, received } = await receiver((callback) => listening.callback(callback).reply);
      const institution = await start(kind, { callbackUrl: url });
      const driver = driverOf(channel, institution.url);
      if (fault !== "none")
        await institution.fault({ kind: fault, delayMs: lateMs, match: { amount: 1205 } });
      const asked = payment({ method: "qr" });
      await driver.charge(asked, patience());
      await until(
        () => institution.charges(asked.paymentId),
        (rows) => rows.length === 1,
      );
      const of = (paymentId: string): CallbackIn[] =>
        received.filter((each) => {
          const out = listening.callback(each);
          return out.verdict === "genuine" && out.paymentId === paymentId;
        });
      await until(
        () => Promise.resolve(of(asked.paymentId)),
        (list) => list.length >= count,
      );
      // A payment that starts and is called back afterwards shows that no more is on its way.
      const after = payment({ method: "qr", amountMinor: 7 });
      await driver.charge(after, patience());
      await until(
        () => Promise.resolve(of(after.paymentId)),
        (list) => list.length === 1,
      );
      return [listening, asked.paymentId, of(asked.paymentId)];
    }

    for (const [fault, count] of [
      ["none", 1],
      ["duplicate-callback", 2],
      ["late-callback", 1],
      ["no-callback", 0],
    ] as const)
      it(`${fault}: ${count} genuine callback(s), taken at the first try`, async () => {
        const [driver, paymentId, received] = await called(fault, count);
        assert.equal(received.length, count);
        for (const callback of received) {
          const out = driver.callback(callback);
          assert.ok(out.verdict === "genuine");
          assert.deepEqual([out.paymentId, out.answer.result], [paymentId, "approved"]);
        }
      });

    it("a replay states the same fact again, also hours later", async () => {
      const [driver, , [callback]] = await called();
      assert.deepEqual(driver.callback(callback!), driver.callback(callback!));
      const { headers, body } = kind.dialect.notice(told, Date.now() - 6 * 3_600_000);
      const out = driver.callback({ headers, bodyBase64: body.toString("base64") });
      assert.ok(out.verdict === "genuine");
      assert.deepEqual([out.paymentId, out.answer.result], ["p-1", "approved"]);
    });

    it("forged in any byte, by another secret, or bare: refused in a way that is not an acceptance", () => {
      const driver = driverOf(channel, "http://127.0.0.1:1");
      const genuine = kind.dialect.notice(told, Date.now());
      const as = (headers: CallbackIn["headers"], body: Buffer) =>
        driver.callback({ headers, bodyBase64: body.toString("base64") });
      const honest = as(genuine.headers, genuine.body);
      assert.ok(honest.verdict === "genuine");
      for (let at = 0; at < genuine.body.length; at += 1) {
        const changed = Buffer.from(genuine.body);
        changed[at]! ^= 1;
        const out = as(genuine.headers, changed);
        assert.ok(out.verdict === "forged", `byte ${at}: ${changed.toString()}`);
        assert.equal(kind.dialect.noticeTaken(out.reply.status, out.reply.body), false);
      }
      const other = channel.institution("a secret of somebody else").dialect.notice(told, Date.now());
      assert.equal(as(other.headers, other.body).verdict, "forged");
      assert.equal(as({}, Buffer.alloc(0)).verdict, "forged");
      assert.equal(as({}, Buffer.from("paymentId=p-1")).verdict, "forged");
    });

    it("an answer passed off as a callback is forged", () => {
      const driver = driverOf(channel, "http://127.0.0.1:1");
      const { headers, body } = kind.dialect.answer("pay", "/", told, Date.now());
      const out = driver.callback({ headers, bodyBase64: body.toString("base64") });
      assert.equal(out.verdict, "forged");
    });
  });
}
