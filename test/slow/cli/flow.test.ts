import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Check } from "../../../engine/ports/check.js";
import type { OrderStory } from "../../../engine/ports/story.js";
import type { FlowState } from "../../../engine/registry/definitions.js";
import { cli, cliJson } from "../../support/cli.js";
import { withTree } from "../../support/checkout.js";
import { changed, shippedPlan } from "../../support/shipped.js";
import { askAdmin, type RunningUp, startUp } from "../../support/system.js";

interface Paid {
  readonly orderId: string;
  readonly status: string;
}

/** One line of configuration. */
const withGift = changed("types.json", (types) => {
  types["gift"] = { flow: "pay", title: "Gift", set: { business: "topup" } };
});

/** A misspelt target: whoever applies this must change nothing. */
const broken = changed("pay.flow.json", (flow) => {
  const stages = flow["stages"] as Record<string, { on: Record<string, string> }>;
  stages["intake"]!.on["ok"] = "chrage";
});

/** Every approved charge is looked at by a person. */
const reviewed = changed("pay.flow.json", (flow) => {
  const stages = flow["stages"] as Record<string, { on: Record<string, string> }>;
  stages["charge"]!.on["approved"] = "park:review";
});

describe("valence flow, offline", () => {
  it("check of sound definitions: exit 0 and what there is", async () => {
    const { code, stdout } = await cli(["flow", "check"]);
    assert.deepEqual([code, stdout], [0, "sound: 9 flows, 6 transaction types\n"]);
  });

  it("check of broken ones: exit 1, file:pointer CODE message (hint) on stderr", () =>
    withTree(broken, async (folder) => {
      const { code, stdout, stderr } = await cli(["flow", "check", folder]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(
        stderr,
        /^pay\.flow\.json:\/stages\/intake\/on\/ok RESOLVE_TARGET_UNKNOWN .*did you mean "charge"\? \(.+\)$/m,
      );
      const json = await cli(["flow", "check", folder, "--json"]);
      assert.equal(json.code, 1);
      assert.equal((JSON.parse(json.stdout) as { ok: boolean }).ok, false);
    }));

  it("check of a folder without definitions: exit 1, not an empty success", () =>
    withTree({}, async (folder) => {
      assert.equal((await cli(["flow", "check", folder])).code, 1);
      assert.equal((await cli(["flow", "check", path.join(folder, "nowhere")])).code, 1);
    }));

  it("plan and draw show the shipped flow; a misspelt type is told", async () => {
    const { plan } = await cliJson<{ plan: { hash: string } }>(["flow", "plan", "pay"]);
    assert.equal(plan.hash, shippedPlan("pay").hash);
    assert.match((await cli(["flow", "draw", "pay"])).stdout, /^flowchart TD\n/);
    const wrong = await cli(["flow", "plan", "topu"]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /did you mean "topup"/);
  });
});

describe("valence flow, on the running system", () => {
  let up: RunningUp;
  const folder = mkdtempSync(path.join(tmpdir(), "valence-test-"));
  before(async () => {
    up = await startUp({ dataDir: folder });
  });
  after(async () => {
    await up.stop();
    rmSync(folder, { recursive: true });
  });

  const data = (): readonly string[] => ["--data", folder];
  const change = (...args: readonly string[]) => cli(["flow", ...args, "--reason", "a test", ...data()]);
  const list = async () => (await askAdmin<{ flows: readonly FlowState[] }>(up, "/admin/v1/flows")).flows;
  const documented = async (): Promise<boolean> => {
    const document = (await (await fetch(`${up.demo.bridge}/openapi.json`)).json()) as { paths: object };
    return Object.keys(document.paths).includes("/v1/transactions/gift");
  };

  it("definitions that do not compile change nothing", () =>
    withTree(broken, async (dir) => {
      const before = await list();
      const { code, stderr } = await change("apply", dir);
      assert.equal(code, 1);
      assert.match(stderr, /RESOLVE_TARGET_UNKNOWN/);
      assert.match(stderr, /definitions_unsound/);
      assert.deepEqual(await list(), before);
      assert.equal((await cliJson<Paid>(["pay", "--wait", ...data()])).status, "paid");
    }));

  it("a new line in types.json is served and documented at once, without a restart", () =>
    withTree(withGift, async (dir) => {
      assert.equal((await cli(["pay", "--type", "gift", ...data()])).code, 1);
      assert.equal(await documented(), false);
      const { code, stdout } = await change("apply", dir);
      assert.deepEqual([code, stdout], [0, "version 2 is in force: type gift\n"]);
      assert.equal((await cliJson<Paid>(["pay", "--type", "gift", "--wait", ...data()])).status, "paid");
      assert.equal(await documented(), true);
    }));

  it("a parked run is seen by doctor and released by a person, once; then the flow is rolled back", () =>
    withTree(reviewed, async (dir) => {
      const was = (await list()).find(({ flow }) => flow === "pay")?.hash;
      assert.equal((await change("apply", dir)).code, 0);
      const { orderId } = await cliJson<Paid>(["pay", ...data()]);
      const story = () => askAdmin<OrderStory>(up, `/admin/v1/orders/${orderId}`);
      let parked = await story();
      while (parked.runs[0]?.state !== "parked") parked = await story();
      assert.match(parked.because, /a person has to decide: .* parked in charge \(review\)/);

      const { checks } = await askAdmin<{ checks: readonly Check[] }>(up, "/admin/v1/checks");
      assert.equal(checks.find(({ name }) => name === "parked runs")?.state, "warn");

      const runId = parked.runs[0].runId;
      const release = (body: object) =>
        fetch(`${up.demo.admin}/admin/v1/runs/${runId}/release`, {
          method: "POST",
          headers: { authorization: `Bearer ${up.demo.adminToken}`, "content-type": "application/json" },
          body: JSON.stringify({ author: "ann", reason: "looked at it", ...body }),
        });
      assert.equal((await release({})).status, 422, "charging again is nobody's default");
      assert.equal((await release({ stage: "settle" })).status, 202);
      assert.equal((await release({ stage: "settle" })).status, 409, "once");
      let released = await story();
      while (released.order?.status !== "paid") released = await story();
      const charges = (await (await fetch(`${up.demo.simulator}/__sim/charges`)).json()) as object;
      assert.equal(
        JSON.stringify(charges).split(released.payments[0]!.paymentId).length - 1,
        1,
        "charged once",
      );

      const { code, stdout } = await change("rollback", "pay");
      assert.equal(code, 0);
      assert.match(stdout, /flow pay/);
      assert.equal((await list()).find(({ flow }) => flow === "pay")?.hash, was);
      assert.equal((await cliJson<Paid>(["pay", "--wait", ...data()])).status, "paid");
    }));

  it("a flow that never changed cannot be rolled back", async () => {
    const { code, stderr } = await change("rollback", "callback");
    assert.equal(code, 1);
    assert.match(stderr, /version_unknown/);
  });

  it("a wrong token is refused; the right one from the environment is taken", async () => {
    const env = { VALENCE_ADMIN_URL: up.demo.admin, VALENCE_ADMIN_TOKEN: "not-the-token-of-anybody" };
    const refused = await cli(["module", "list"], env);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /admin_unauthorized/);
    const taken = await cli(["queue", "list", "--json"], { ...env, VALENCE_ADMIN_TOKEN: up.demo.adminToken });
    assert.deepEqual([taken.code, Array.isArray(JSON.parse(taken.stdout))], [0, true]);
  });

  it("a change without a reason is a usage error", async () => {
    assert.equal((await cli(["flow", "apply", ...data()])).code, 2);
  });

  it("secrets of demo.json appear in nothing the system wrote", () => {
    const demo = JSON.parse(readFileSync(path.join(folder, "demo.json"), "utf8")) as Record<string, string>;
    const written = up.stdout() + up.stderr();
    for (const name of ["secret", "webhookSecret", "adminToken"])
      assert.ok(!written.includes(demo[name]!), name);
  });
});
