import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import path from "node:path";
import type { Check } from "../../../engine/ports/check.js";
import { brokerKinds, brokerUrl } from "../../support/brokers.js";
import { whenVerifying } from "../../support/buses.js";
import { cli } from "../../support/cli.js";
import { withTree } from "../../support/checkout.js";
import { startUp } from "../../support/system.js";

async function doctor(...args: readonly string[]): Promise<{
  readonly code: number | null;
  readonly state: (name: string) => string;
  readonly detail: (name: string) => string;
}> {
  const { code, stdout } = await cli(["doctor", "--json", ...args]);
  const { checks } = JSON.parse(stdout) as { checks: readonly Check[] };
  const find = (name: string): Check | undefined => checks.find((check) => check.name === name);
  return { code, state: (name) => find(name)?.state ?? "absent", detail: (name) => find(name)?.detail ?? "" };
}

describe("valence doctor", () => {
  whenVerifying(
    "follows a data directory through its life: not there, running, stopped, killed, open to others",
    () =>
      withTree({}, async (folder) => {
        const data = path.join(folder, "data");
        const fresh = await doctor("--data", data);
        assert.deepEqual([fresh.code, fresh.state("database")], [0, "ok"]);

        const up = await startUp({ dataDir: data });
        const running = await doctor("--data", data).finally(() => up.stop());
        assert.equal(running.code, 0);
        // Asked through the running system: two processes on one embedded database would destroy it.
        for (const name of [
          "running system",
          "schema",
          "clock",
          "journal partitions",
          "definitions",
          "modules",
        ])
          assert.equal(running.state(name), "ok", name);
        assert.match(running.detail("durability"), /kill -9 safe; power-loss safe: no, because/);
        assert.match(running.detail("lock"), new RegExp(`process ${up.pid}`));

        const stopped = await doctor("--data", data);
        assert.deepEqual(
          [stopped.code, stopped.state("database"), stopped.state("modules")],
          [0, "ok", "warn"],
        );

        chmodSync(data, 0o755);
        assert.equal((await doctor("--data", data)).state("data directory"), "warn");
      }),
  );

  it("bad settings: every one of them is a fail with what to do", async () => {
    const { code, stdout } = await cli(["doctor"], { VALENCE_BRIDGE_PORT: "x", VALENCE_NOPE: "1" });
    assert.equal(code, 1);
    assert.match(stdout, /^fail {2}settings +VALENCE_NOPE/m);
    assert.match(stdout, /^fail {2}settings +bridge\.port/m);
    assert.match(stdout, /-> correct it/);
  });

  it("a broker nobody serves is a fail; one that answers says how far durable reaches", async () => {
    const away = await doctor("--bus", "nats://user:hush@127.0.0.1:1");
    assert.deepEqual([away.code, away.state("broker")], [1, "fail"]);
    assert.ok(!away.detail("broker").includes("hush"), away.detail("broker"));
    for (const kind of brokerKinds) {
      const there = await doctor("--bus", brokerUrl(kind));
      assert.equal(there.state("broker"), "ok", there.detail("broker"));
      assert.match(there.detail("broker durability"), /kill -9/);
    }
  });

  it("a database nobody serves is a fail", async () => {
    const { code, state, detail } = await doctor("--database", "postgres://user:hush@127.0.0.1:1/x");
    assert.deepEqual([code, state("database")], [1, "fail"]);
    assert.match(detail("database"), /ECONNREFUSED/);
    assert.ok(!detail("database").includes("hush"));
  });
});
