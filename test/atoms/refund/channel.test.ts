/** The two atoms that speak with the channel about a refund. */
import assert from "node:assert/strict";
import { ScriptedChannel, type ChannelScript } from "../../../adapters/memory/channel.js";
import { nowMs, runAtom } from "../../support/memory/atoms.js";
import { table } from "../../support/memory/table.js";

const request = {
  ...{ refundId: "f1", paymentId: "p1", orderId: "o1", amount: 300, paymentAmount: 1000 },
  ...{ currency: "CNY", channel: "alpha" },
};
const withChannel = (script: ChannelScript) => {
  const channel = new ScriptedChannel("alpha", script);
  return { channel, ports: { channel: () => channel } };
};

describe("refund.send", () => {
  /** `before`: it may have been sent before. */
  const rows = `
# channel says  before  outcome   sent  code
approved        no      approved  yes   00
declined        no      declined  yes   61
pending         no      pending   yes   -
garbage         no      unknown   yes   ??
notSent         no      notSent   no    ECONNREFUSED
approved        yes     approved  yes   00
declined        yes     unknown   yes   61
notSent         yes     notSent   no    ECONNREFUSED
`;
  for (const [says = "", before, outcome, sent, code] of table(rows))
    it(`channel says ${says}, sent before: ${before}: ${outcome}`, async () => {
      const { channel, ports } = withChannel({ refund: [says as never] });
      const earlier = before === "yes" ? { sentAt: nowMs - 9_000 } : {};
      const result = await runAtom("refund.send", { ...request, ...earlier, reason: "cold" }, { ports });
      assert.equal(result.outcome, outcome);
      const { channelResult, channelAsked, channelCode, sentAt, declinedRepeat } = result.fields ?? {};
      assert.deepEqual([channelResult, channelAsked, channelCode], [outcome, "reply", code]);
      assert.equal(sentAt, sent === "yes" ? nowMs : undefined);
      assert.equal(declinedRepeat === true, says === "declined" && before === "yes");
      assert.deepEqual(channel.refunds.calls[0]?.request, {
        ...{ refundId: "f1", paymentId: "p1", orderId: "o1", amountMinor: 300, totalMinor: 1000 },
        ...{ currency: "CNY", reason: "cold" },
      });
    });

  it("a channel that takes no refunds is not called: declined", async () => {
    const { channel, ports } = withChannel({});
    Object.assign(channel.manifest, { operations: ["charge", "inquire"] });
    const { outcome, fields } = await runAtom("refund.send", request, { ports });
    assert.deepEqual([outcome, fields?.["channelMessage"]], ["declined", "channel alpha takes no refunds"]);
    assert.deepEqual(channel.refunds.calls, []);
  });

  for (const [says, outcome] of [
    ["approved", "approved"],
    ["declined", "declined"],
    ["pending", "pending"],
    ["unknown", "unknown"],
    ["absent", "unknown"],
  ] as const)
    it(`asked after a lost call, channel knows ${says}: ${outcome}, and nothing is sent`, async () => {
      const { channel, ports } = withChannel({ inquireRefund: [says] });
      const result = await runAtom("refund.send", request, { ports, mode: "inquire" });
      const { channelResult, channelAsked, sentAt } = result.fields ?? {};
      assert.deepEqual(
        [result.outcome, channelResult, channelAsked, sentAt],
        [outcome, outcome, "inquiry", nowMs],
      );
      assert.equal(channel.refunds.countOf("refund"), 0);
    });
});

describe("refund.inquire", () => {
  /** `sent`: milliseconds since it was sent; the grace time is 3000. `declined`: the channel declined it as a repeat. */
  const rows = `
# channel knows  sent   declined  outcome   code
approved         0      no        approved  -
declined         0      no        declined  -
pending          0      no        pending   -
unknown          99999  no        unknown   -
absent           0      no        unknown   -
absent           12999  no        unknown   -
absent           13000  no        absent    -
approved         0      yes       approved  -
absent           12999  yes       unknown   61
absent           13000  yes       declined  61
`;
  for (const [says = "", sent, declined, outcome, code] of table(rows))
    it(`channel knows ${says}, sent ${sent} ms ago, declined as a repeat: ${declined}: ${outcome}`, async () => {
      const { ports } = withChannel({ inquireRefund: [says as never] });
      const earlier =
        declined === "yes" ? { declinedRepeat: true, channelCode: "61" } : { channelCode: "00" };
      const result = await runAtom(
        "refund.inquire",
        { ...request, ...earlier, sentAt: nowMs - Number(sent) },
        { ports },
      );
      const { channelResult, channelCode, sentAt } = result.fields ?? {};
      assert.deepEqual([result.outcome, channelResult, channelCode], [outcome, outcome, code]);
      assert.equal(sentAt, undefined, "asking is not sending");
    });

  it("without the time of a sending, absent proves nothing", async () => {
    const { ports } = withChannel({ inquireRefund: ["absent"] });
    assert.equal((await runAtom("refund.inquire", request, { ports })).outcome, "unknown");
  });
});
