import assert from "node:assert/strict";
import { ScriptedChannel, type ChannelScript } from "../../../adapters/memory/channel.js";
import { nowMs, runAtom } from "../../support/memory/atoms.js";
import { table } from "../../support/memory/table.js";

const paymentId = "019ca8d7-2d00-7907-b6ff-2ad9d2bf9188";
const request = { orderId: "o", paymentId, amount: 1000, currency: "CNY", subject: "tea", channel: "alpha" };
const withChannel = (script: ChannelScript) => {
  const channel = new ScriptedChannel("alpha", script);
  return { channel, ports: { channel: () => channel } };
};

describe("channel.charge", () => {
  const rows = `
# channel says  outcome   code          tried
approved        approved  00            -
declined        declined  51            -
pending         pending   -             -
garbage         unknown   ??            -
notSent         notSent   ECONNREFUSED  alpha
`;
  for (const [says = "", outcome, code, tried] of table(rows))
    it(`channel says ${says}: ${outcome}`, async () => {
      const { channel, ports } = withChannel({ charge: [says as never] });
      const result = await runAtom("channel.charge", request, { ports });
      assert.equal(result.outcome, outcome);
      const { channelResult, channelAsked, channelCode, channelMessage, sentAt, channelsTried } =
        result.fields ?? {};
      assert.deepEqual([channelResult, channelAsked, channelCode, sentAt], [outcome, "reply", code, nowMs]);
      assert.equal(typeof channelMessage, "string", "an answer without words says so");
      assert.deepEqual(channelsTried ?? [], tried ? [tried] : []);
      assert.deepEqual(channel.calls[0]?.request, {
        ...{ paymentId, orderId: "o", amountMinor: 1000, currency: "CNY", subject: "tea" },
        ...{ method: undefined, returnUrl: undefined },
      });
    });

  it("remembers each channel that could not be reached once", async () => {
    const { ports } = withChannel({ charge: ["notSent"] });
    const result = await runAtom(
      "channel.charge",
      { ...request, channelsTried: ["beta", "alpha"] },
      { ports },
    );
    assert.deepEqual(result.fields?.["channelsTried"], ["beta", "alpha"]);
  });

  const found = `
# channel knows  outcome
approved         approved
declined         declined
pending          pending
unknown          unknown
absent           unknown
`;
  for (const [says = "", outcome] of table(found))
    it(`asked after a lost call, channel knows ${says}: ${outcome}, and nothing is sent`, async () => {
      const { channel, ports } = withChannel({ inquire: [says as never] });
      const result = await runAtom("channel.charge", request, { ports, mode: "inquire" });
      assert.equal(result.outcome, outcome);
      assert.deepEqual(
        [result.fields?.["channelResult"], result.fields?.["channelAsked"]],
        [outcome, "inquiry"],
      );
      assert.equal(channel.countOf("charge"), 0);
    });

  it("long words of an institution are cut to what the field holds", async () => {
    const { channel, ports } = withChannel({});
    channel.charge = async () => ({
      ...{ result: "declined", code: "x".repeat(100), message: "y".repeat(1000), evidence: {} },
    });
    const { fields } = await runAtom("channel.charge", request, { ports });
    assert.deepEqual(
      [String(fields?.["channelCode"]).length, String(fields?.["channelMessage"]).length],
      [64, 512],
    );
  });
});

describe("channel.inquire: the schedule of the channel", () => {
  const inquiry = { afterMs: [1_000, 5_000], unknownMax: 3 };
  const rows = `
# channel knows  asked  unsure  outcome    again  unsure
unknown          -      -       unknown    1000   1
unknown          1      1       unknown    5000   2
unknown          9      1       unknown    5000   2
unknown          2      2       undecided  5000   3
pending          9      2       pending    5000   2
absent           -      -       unknown    1000   1
`;
  for (const [says = "", asked, unsure, outcome, again, unsureThen] of table(rows))
    it(`${says} after ${asked || "no"} inquiries, ${unsure || "none"} unsure: ${outcome}, again in ${again} ms`, async () => {
      const { channel, ports } = withChannel({ inquire: [says as never] });
      const driver = Object.assign(channel, { manifest: { ...channel.manifest, inquiry } });
      const counts = asked ? { inquiries: Number(asked), inquiriesUnknown: Number(unsure) } : {};
      const result = await runAtom(
        "channel.inquire",
        { ...request, sentAt: nowMs, ...counts },
        { ports: { ...ports, channel: () => driver } },
      );
      assert.equal(result.outcome, outcome);
      const { inquiries, inquiriesUnknown, askAgainMs } = result.fields ?? {};
      assert.deepEqual(
        [inquiries, inquiriesUnknown, askAgainMs],
        [Number(asked || 0) + 1, Number(unsureThen), Number(again)],
      );
    });

  it("a channel without one leaves it to the flow", async () => {
    const { ports } = withChannel({ inquire: ["unknown"] });
    const { fields } = await runAtom("channel.inquire", request, { ports });
    assert.deepEqual([fields?.["inquiries"], fields?.["askAgainMs"]], [undefined, undefined]);
  });
});

describe("channel.inquire", () => {
  /** `sent`: milliseconds since the charge was sent; the send window is 8000, the grace time 3000, clocks may differ by 2000. */
  const rows = `
# channel knows  sent   outcome
approved         0      approved
declined         0      declined
pending          0      pending
unknown          99999  unknown
absent           0      unknown
absent           12999  unknown
absent           13000  absent
`;
  for (const [says = "", sent, outcome] of table(rows))
    it(`channel knows ${says}, sent ${sent} ms ago: ${outcome}`, async () => {
      const { ports } = withChannel({ inquire: [says as never] });
      const result = await runAtom(
        "channel.inquire",
        { ...request, sentAt: nowMs - Number(sent) },
        { ports },
      );
      assert.equal(result.outcome, outcome);
      assert.equal(result.fields?.["channelResult"], outcome);
      assert.equal("sentAt" in (result.fields ?? {}), false, "asking is not sending");
    });
});

describe("channel.callback", () => {
  const rows: readonly (readonly [string, string, object | undefined, string, number])[] = [
    ["genuine", paymentId, { channel: "alpha", runId: "r1", status: "approved" }, "ok", 200],
    ["genuine", paymentId, { channel: "alpha", runId: "r1", status: "pending" }, "ok", 200],
    ["forged", paymentId, { channel: "alpha", runId: "r1" }, "forged", 401],
    ["genuine", paymentId, undefined, "stray", 200],
    ["genuine", paymentId, { channel: "beta", runId: "r1" }, "stray", 200],
    ["genuine", "17", undefined, "stray", 200],
  ];
  for (const [signature, names, row, outcome, status] of rows)
    it(`${signature}, names ${names}, payment ${JSON.stringify(row)}: ${outcome}`, async () => {
      const { ports } = withChannel({});
      const asked: unknown[] = [];
      const find = async (_table: string, key: unknown) => (asked.push(key), row as never);
      const result = await runAtom(
        "channel.callback",
        {
          channel: "alpha",
          callbackHeaders: { signature },
          callbackBody: Buffer.from(names).toString("base64"),
        },
        { ports: { ...ports, rows: { find } } },
      );
      assert.equal(result.outcome, outcome);
      assert.equal((result.fields?.["callbackReply"] as { status: number }).status, status);
      const said = result.signals?.map(({ otherwise, ...signal }) => ({
        ...signal,
        otherwise: otherwise?.topic,
      }));
      // What is decided need not be heard of by anybody else.
      const otherwise = row && "status" in row && row.status === "pending" ? "payment.late" : undefined;
      const signals = [{ runId: "r1", signal: "channel.notified", fields: {}, otherwise }];
      assert.deepEqual(said, outcome === "ok" ? signals : undefined);
      if (names === "17") assert.deepEqual(asked, [], "what is no id of ours is not looked for");
    });
});
