import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Row } from "../../../engine/ports/index.js";
import { AdminWorld, type Answered } from "../../support/admin-world.js";
import { shippedFiles, shippedPlan } from "../../support/shipped.js";

const by = { author: "ann", reason: "the bank desk has transferred it" };
const plan = shippedPlan("refund");
const queue = "flow.refund";

describe("releasing a parked run, through the admin API", function () {
  this.timeout(30_000);
  let world: AdminWorld;
  let runId: string;
  before(async () => {
    world = await AdminWorld.open();
    const installed = await world.kernel.definitions.install(shippedFiles, by);
    assert.ok(installed.applied);
    await world.kernel.configChanged();
  });
  after(() => world.close());

  beforeEach(async () => {
    const { store, random, clock } = world.kernel;
    runId = random.id();
    const nowMs = clock.nowMs();
    const run = { runId, flow: "refund", planHash: plan.hash, type: "refund", stage: "release", hop: 5 };
    const body = { ...run, acceptedAtMs: nowMs, fields: { refundId: "f" }, entries: {}, signalsSeen: 0 };
    const row = { ...run, state: "parked", reason: "surplus-refund-declined", body, signalsGiven: 0 };
    await store.commit({
      publish: [],
      writes: [
        {
          kind: "insert",
          table: "runs",
          exists: "conflict",
          row: { ...row, orderId: null, createdAt: nowMs, updatedAt: nowMs },
        },
      ],
    });
  });

  const release = (body: object): Promise<Answered> =>
    world.byToken("POST", `/admin/v1/runs/${runId}/release`, { ...by, ...body });
  const stateOf = async (): Promise<unknown> => (await world.kernel.store.find("runs", { runId }))?.["state"];
  const messages = async (): Promise<readonly Row[]> =>
    (await world.kernel.bus.browse(queue, 50))
      .map(({ body }) => body)
      .filter((body) => body["runId"] === runId);

  const refusals: readonly (readonly [string, object, RegExp])[] = [
    ["a field nobody decides by", { decided: { amount: 1 } }, /lets a person decide handReference/],
    ["a member of Object", { decided: { constructor: "x" } }, /lets a person decide handReference/],
    ["a reference that is none", { decided: { handReference: "" } }, /\/decided\/handReference/],
    [
      "a reference where nobody reads it",
      { stage: "settle", decided: { handReference: "T-1" } },
      /decide nothing/,
    ],
  ];
  for (const [what, body, says] of refusals) {
    it(`refuses ${what}, and the run stays parked`, async () => {
      const { status, body: problem } = await release(body);
      assert.equal(status, 422);
      assert.match(String(problem["detail"]), says);
      assert.deepEqual([await stateOf(), await messages()], ["parked", []]);
    });
  }

  it("it goes on once with what was decided, however often the same is asked; others come too late", async () => {
    const asked = { actionId: randomUUID(), decided: { handReference: "T-77" } };
    const first = await release(asked);
    assert.deepEqual([first.status, first.body["stage"], first.body["queue"]], [202, "release", queue]);
    const again = await release(asked);
    assert.deepEqual([again.status, again.body["repeated"]], [200, true]);
    const [message, ...more] = await messages();
    assert.deepEqual([message?.["fields"], more], [{ refundId: "f", handReference: "T-77" }, []]);
    const other = await release({ actionId: randomUUID() });
    assert.deepEqual([other.status, other.body["code"]], [409, "run_not_parked"]);
    const reused = await release({ ...asked, decided: {} });
    assert.deepEqual([reused.status, reused.body["code"]], [409, "action_mismatch"]);
    const { body } = await world.byToken("GET", "/admin/v1/audit?action=run.release");
    assert.ok(JSON.stringify(body["entries"]).includes("T-77"), "the audit keeps what was decided");
  });
});
