import assert from "node:assert/strict";
import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";
import { CommanderError } from "commander";
import { dataDirChecks } from "../../../adapters/cli/doctor/data-dir.js";
import { nodeCheck } from "../../../adapters/cli/doctor/machine.js";
import { describeFailure, Failed, reportFailure } from "../../../adapters/cli/failure.js";
import { duration, table } from "../../../adapters/cli/print.js";
import { storyText } from "../../../adapters/cli/story-text.js";
import { lockData } from "../../../adapters/data/lock.js";
import { ValenceError } from "../../../engine/errors.js";
import type { OrderStory } from "../../../engine/ports/story.js";
import { withTree } from "../../support/checkout.js";

describe("how the command line speaks", () => {
  const failures: readonly (readonly [string, unknown, RegExp])[] = [
    [
      "one error: code, detail and what to do in one line",
      new ValenceError("data_locked", "process 1 works on x"),
      /^data_locked: process 1 works on x \(correct .*\)$/,
    ],
    [
      "several errors: one line each",
      new ValenceError("settings_invalid", "a: 1\nb: 2"),
      /^settings_invalid:\n {2}a: 1\n {2}b: 2\n\(correct/,
    ],
    [
      "nothing to do: nothing is said about it",
      new ValenceError("run_not_parked", "it is open"),
      /^run_not_parked: it is open$/,
    ],
    [
      "a taken port: which, and the variables that move it",
      Object.assign(new Error("listen"), { code: "EADDRINUSE", port: 8080, address: "127.0.0.1" }),
      /^port 8080 of 127\.0\.0\.1 is taken.*VALENCE_BRIDGE_PORT/,
    ],
    ["an error of somebody else: its message", new Error("boom"), /^boom$/],
  ];
  for (const [what, error, says] of failures) it(what, () => assert.match(describeFailure(error), says));

  const exits: readonly (readonly [string, unknown, number])[] = [
    ["help that was asked for", new CommanderError(0, "commander.help", ""), 0],
    ["usage", new CommanderError(1, "commander.unknownOption", ""), 2],
    ["a failure that has been told", new Failed(), 1],
  ];
  for (const [what, error, code] of exits)
    it(`${what} exits ${code}`, () => assert.equal(reportFailure(error), code));

  it("columns are as wide as their widest cell, and an empty table says so", () => {
    assert.equal(table(["queue", "ready"], [["flow.pay", 12]], "none"), "queue     ready\nflow.pay  12\n");
    assert.equal(table(["queue"], [], "every queue is empty"), "every queue is empty\n");
  });

  for (const [ms, text] of [
    [0, "0 ms"],
    [999, "999 ms"],
    [3_210, "3.2 s"],
    [120_000, "2 min"],
    [7_200_000, "2 h"],
  ] as const) {
    it(`${ms} ms is read as ${text}`, () => assert.equal(duration(ms), text));
  }

  for (const [version, state] of [
    ["20.18.3", "fail"],
    ["20.19.0", "ok"],
    ["22.0.0", "ok"],
    ["18.20.0", "fail"],
  ] as const) {
    it(`Node.js ${version}: ${state}`, () => assert.equal(nodeCheck(version).state, state));
  }
});

describe("the story of an order as text", () => {
  const story: OrderStory = {
    orderId: "o1",
    because: "a person has to decide",
    payments: [],
    refunds: [
      {
        ...{
          refundId: "f1",
          merchantRefundId: "R-1",
          paymentId: "p1",
          channel: "sim",
          channelRefundId: "X-2",
        },
        ...{ status: "unknown", amountMinor: 300, currency: "CNY", evidence: { by: "inquiry" } },
        ...{ createdAtMs: 0, updatedAtMs: 0 },
      },
    ],
    notifications: [],
    runs: [
      {
        runId: "r1",
        flow: "pay",
        type: "pay",
        planHash: "h",
        state: "parked",
        stage: "resolve",
        reason: "undecided",
        carriedBy: [{ kind: "message", queue: "flow.pay", state: "leased", deliveries: 2, atMs: 0 }],
        mayGoOnIn: [
          {
            ...{ stage: "settle", transaction: "order.settle", sends: false, asks: false },
            decisions: { handReference: "which" },
          },
          { ...{ stage: "charge", transaction: "channel.charge", sends: true, asks: false }, decisions: {} },
        ],
        createdAtMs: 0,
        updatedAtMs: 0,
      },
    ],
    deadLetters: [
      { messageId: "m", queue: "flow.pay", runId: "r1", reason: "step_failed", deliveries: 8, diedAtMs: 0 },
    ],
    operatorActions: [],
    actions: [
      { action: "refund", possible: false, code: "not-paid", why: "the order is not paid" },
      { action: "release", possible: true, code: "can", why: "goes on where you say", target: "r1" },
    ],
    timeline: [
      {
        kind: "signal",
        atMs: 0,
        offsetMs: 12,
        runId: "r1",
        flow: "pay",
        name: "channel.notified",
        outcome: "late",
        steps: [],
        fields: {},
      },
      {
        kind: "dead-letter",
        atMs: 0,
        offsetMs: 15,
        runId: "r1",
        flow: "pay",
        name: "flow.pay",
        outcome: "step_failed",
        steps: [],
        fields: {},
      },
    ],
  };

  it("tells what was not logged, what is parked, what carries it, what died and when", () => {
    const text = storyText(story);
    for (const part of [
      /not logged: a person has to decide/,
      /pay r1: parked \(undecided\), stage resolve/,
      /may go on in settle \(--decide handReference=…\), charge \(sends\)/,
      /not {2}refund: the order is not paid/,
      /can {2}release r1: goes on where you say/,
      /message in queue flow\.pay, leased until 1970-01-01T00:00:00\.000Z, 2 deliveries/,
      /after 8 deliveries: step_failed/,
      /R-1: unknown, 3\.00 CNY through sim as X-2\n +refund f1 of payment p1\n +evidence \{"by":"inquiry"\}/,
      /\+12 ms +signal channel\.notified for flow pay: late/,
      /\+15 ms +message of queue flow\.pay given up: step_failed/,
    ])
      assert.match(text, part);
    // Sections without anything in them are left out.
    assert.doesNotMatch(text, /\n(payments|notifications)\n/);
  });
});

describe("doctor looks at the data directory", () => {
  const states = (dir: string): readonly string[] =>
    dataDirChecks(dir).map(({ name, state }) => `${name} ${state}`);

  it("is fine with one that valence up will make", () =>
    withTree({}, async (folder) =>
      assert.deepEqual(states(path.join(folder, "x/y")), ["data directory ok"]),
    ));

  it("warns when others may look in, and when a dead process left its addresses", () =>
    withTree({ "data/demo.json": "{}" }, async (folder) => {
      chmodSync(path.join(folder, "data"), 0o755);
      assert.deepEqual(states(path.join(folder, "data")), ["data directory warn", "lock warn"]);
    }));

  it("knows who works on it", () =>
    withTree({}, async (folder) => {
      const dir = path.join(folder, "data");
      mkdirSync(dir, { mode: 0o700 });
      const lock = lockData(dir);
      const held = dataDirChecks(dir).find(({ name }) => name === "lock");
      assert.match(held?.detail ?? "", new RegExp(`process ${process.pid} works on it`));
      lock.release();
      assert.match(
        dataDirChecks(dir).find(({ name }) => name === "lock")?.detail ?? "",
        /nobody works on it/,
      );
    }));

  it("fails on a file", () =>
    withTree({ data: "" }, async (folder) =>
      assert.deepEqual(states(path.join(folder, "data")), ["data directory fail"]),
    ));
});
