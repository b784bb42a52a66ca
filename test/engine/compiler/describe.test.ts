import assert from "node:assert/strict";
import { compile } from "../../../engine/compiler/compile.js";
import { describePlan, summarizePlan } from "../../../engine/compiler/describe.js";
import { drawFlow } from "../../../engine/compiler/draw.js";
import type { Plan } from "../../../engine/compiler/plan.js";
import { definitionFiles } from "./definitions.js";
import { vocabulary } from "./vocabulary.js";

function plan(flow: string): Plan {
  const result = compile(definitionFiles(), vocabulary);
  assert.ok(result.ok);
  return result.compiled.plans.find((each) => each.flow === flow)!;
}

describe("describe: a plan can be read by people and by tools", () => {
  it("says stages, queues, steps and barriers in the order a run meets them", () => {
    const text = describePlan(plan("notify")).replace(/[0-9a-f]{64}/, "<hash>");
    assert.equal(
      text,
      `flow notify: Tell the merchant
  hash      <hash>
  input     notifyUrl
  optional  subject
  subscribe order.settled
  start     send

stage send: notify.send on notify
  1. notify.send@1 (within 8000 ms; again 2 times after 100 ms)
  delivered -> end:delivered
  undelivered -> pause

stage pause: waits for the next attempt, 120000 ms, at most 3 times
  exhausted -> end:undelivered
  timeout -> send

commits per run, on the cheapest way
  end:delivered: 1 (send)
  end:undelivered: 2 (send -> pause; one round of the loop it leaves)
`,
    );
  });

  it("shows a barrier where the engine commits before a call", () => {
    assert.match(
      describePlan(plan("pay")),
      /payment\.open@1 .*\n {2}-- barrier: commit, with an intent --\n {2}2\. channel\.charge@1/,
    );
  });

  it("counts one commit for a stage, one for each barrier", () => {
    const commits = Object.fromEntries(
      summarizePlan(plan("pay")).ends.map(({ end, commits: count }) => [end, count]),
    );
    assert.deepEqual(commits, {
      "end:rejected": 1,
      "end:unroutable": 1,
      "end:failed": 3,
      "end:settled": 4,
      "park:contested": 4,
      "park:undecided": 4,
    });
  });

  it("is JSON: nothing is lost on the way through text", () => {
    const summary = summarizePlan(plan("pay"));
    assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
  });
});

describe("draw: a flow as a picture", () => {
  it("has every stage, outcome and end, once", () => {
    assert.equal(
      drawFlow(plan("notify")),
      `flowchart TD
  start(("notify")) --> n0
  n0["send<br/>notify.send<br/>notify"]
  n1{{"pause<br/>the next attempt<br/>at most 3 times"}}
  n2(["delivered"])
  n0 -->|"delivered"| n2
  n0 -->|"undelivered"| n1
  n3(["undelivered"])
  n1 -->|"exhausted"| n3
  n1 -->|"timeout"| n0
`,
    );
  });

  it("draws parks apart from ends, and lets no name break out of its label", () => {
    const text = drawFlow({ ...plan("pay"), flow: 'a"]; click n0' });
    assert.match(text, /\[\/"undecided"\/\]/);
    assert.match(text, /start\(\("a#34;\]; click n0"\)\)/);
    assert.match(text, /channel\.#123;channel#125;/);
  });
});
