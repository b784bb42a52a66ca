import assert from "node:assert/strict";
import { ValenceError } from "../../../engine/errors.js";
import type { Row } from "../../../engine/ports/store.js";
import { runMessageId, type RunBody } from "../../../engine/runtime/message.js";
import { deadLetterPrefix } from "../../../engine/runtime/dead-letters.js";
import { type Release, releaseRun } from "../../../engine/runtime/release.js";
import { shippedPlan } from "../../support/shipped.js";

const runId = "01a20010-0f42-774c-adb7-b3aa4907c2c8";
const plan = shippedPlan("pay");

function parkedIn(stage: string, reason: string, state = "parked"): Row {
  const body: RunBody = {
    runId,
    flow: "pay",
    planHash: plan.hash,
    type: "pay",
    stage,
    hop: 7,
    acceptedAtMs: 1,
    fields: { channel: "simulator", paymentId: "p" },
    entries: { await: 61, charge: 2 },
    signalsSeen: 1,
  };
  return { runId, state, stage, hop: 7, reason, body: state === "ended" ? null : body };
}

const release = (run: Row, stage?: string): Release => ({
  run,
  plan,
  stage,
  author: "ann",
  reason: "the bank has confirmed it",
  auditId: "01a20010-0f42-7532-81be-fc7eaafb242d",
  nowMs: 42,
});

const died = `${deadLetterPrefix}step_failed: no connection`;

describe("releasing a parked run", () => {
  const rows: readonly (readonly [string, Row, string | undefined, string, string, number, boolean])[] = [
    // what                                        run                                asked       queue                       stage      hop  looks first
    [
      "an inquiry goes on where it was",
      parkedIn("resolve", "undecided"),
      undefined,
      "channel.simulator.follow",
      "resolve",
      7,
      true,
    ],
    [
      "an operator names another stage",
      parkedIn("resolve", "undecided"),
      "settle",
      "flow.pay",
      "settle",
      8,
      false,
    ],
    [
      "a charge whose message died asks before it calls",
      parkedIn("charge", died),
      undefined,
      "channel.simulator",
      "charge",
      7,
      true,
    ],
    [
      "a charge whose message died is given to inquiry",
      parkedIn("charge", died),
      "resolve",
      "channel.simulator.follow",
      "resolve",
      8,
      false,
    ],
    [
      "a charge with a result is repeated when a person says so",
      parkedIn("charge", "review"),
      "charge",
      "channel.simulator",
      "charge",
      7,
      true,
    ],
  ];
  for (const [what, run, asked, queue, stage, hop, looksFirst] of rows) {
    it(`${what}: ${stage} in hop ${hop}`, () => {
      const released = releaseRun(release(run, asked));
      const [message] = released.unit.publish;
      const body = message?.body as unknown as RunBody;
      assert.deepEqual(
        [message?.queue, body.stage, body.hop, body.republished],
        [queue, stage, hop, looksFirst],
      );
      assert.equal(message?.messageId, runMessageId(runId, hop));
      assert.deepEqual([released.stage, released.queue], [stage, queue]);
    });
  }

  it("row, message and audit stand in one unit, guarded on the park", () => {
    const { unit } = releaseRun(release(parkedIn("resolve", "undecided")));
    const [row, audit] = unit.writes;
    assert.equal(unit.writes.length, 2);
    assert.ok(row?.kind === "transition" && audit?.kind === "insert");
    assert.deepEqual([row.table, row.from, row.to, row.match], ["runs", ["parked"], "open", { hop: 7 }]);
    assert.deepEqual(
      [audit.table, audit.row["who"], audit.row["action"], audit.row["reason"]],
      ["audit", "ann", "run.release", "the bank has confirmed it"],
    );
    assert.deepEqual(row.set?.["body"], unit.publish[0]?.body);
  });

  it("bounds start anew: what was exhausted may be tried again", () => {
    const { unit } = releaseRun(release(parkedIn("charge", died), "charge"));
    assert.deepEqual((unit.publish[0]?.body as unknown as RunBody).entries, { charge: 1 });
  });

  const refusals: readonly (readonly [string, Row, string | undefined, string, RegExp])[] = [
    ["a run that is under way", parkedIn("resolve", "", "open"), undefined, "run_not_parked", /is open/],
    ["a run that has ended", parkedIn("settle", "paid", "ended"), undefined, "run_not_parked", /is ended/],
    ["a wait, which no message enters", parkedIn("resolve", "undecided"), "await", "field_invalid", /settle/],
    ["a stage that is not there", parkedIn("resolve", "undecided"), "nowhere", "field_invalid", /settle/],
    ["a member of Object", parkedIn("resolve", "undecided"), "constructor", "field_invalid", /settle/],
    [
      "a second charge nobody asked for",
      parkedIn("charge", "review"),
      undefined,
      "field_invalid",
      /would call again/,
    ],
  ];
  for (const [what, run, stage, code, detail] of refusals) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => releaseRun(release(run, stage)),
        (error) => error instanceof ValenceError && error.code === code && detail.test(error.detail),
      );
    });
  }
});
