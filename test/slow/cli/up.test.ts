import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { OrderStory } from "../../../engine/ports/story.js";
import { cli, cliJson } from "../../support/cli.js";
import { withTree } from "../../support/checkout.js";
import { freshDatabase, type TestDatabase } from "../../support/postgres.js";
import type { Ended } from "../../support/process.js";
import { askAdmin, freePorts, type RunningUp, startUp, valence } from "../../support/system.js";

interface Paid {
  readonly orderId: string;
  readonly merchantOrderId: string;
  readonly status: string;
}

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

function assertRefused({ code, stderr }: Ended, wanted: number, says: RegExp): void {
  assert.equal(code, wanted, stderr);
  assert.match(stderr, says);
  assert.ok(!stderr.includes("\n    at "), stderr);
}

describe("valence up", () => {
  let database: TestDatabase;
  before(async () => {
    database = await freshDatabase();
  });
  after(() => database.drop());

  it("takes a payment, tells its story, and stops in order: nothing is left that says it runs", () =>
    withTree({}, async (folder) => {
      const data = path.join(folder, "data");
      const up = await startUp({ dataDir: data });
      try {
        assert.equal(modeOf(path.join(data, "demo.json")), "600");
        assert.equal(modeOf(data), "700");
        const paid = await cliJson<Paid>(["pay", "--wait", "--data", data]);
        assert.equal(paid.status, "paid");

        await untilNotified(up, paid.orderId);
        const story = await cliJson<OrderStory>(["order", "show", paid.merchantOrderId, "--data", data]);
        assert.equal(story.orderId, paid.orderId);
        assert.match(story.because, /attempt 1 paid it through simulator: reply said approved/);
        assert.deepEqual(
          story.timeline
            // Accounting enters it at its own pace, before or after the merchant hears of it.
            .filter(({ kind, stage }) => kind === "transaction" && stage !== "enter")
            .map(({ stage, next }) => `${stage} ${next}`),
          ["intake stage:charge", "charge stage:settle", "settle end:paid", "send end:delivered"],
        );
        const charge = story.timeline
          .flatMap(({ steps }) => steps)
          .find(({ atom }) => atom === "channel.charge");
        assert.equal((charge?.trace?.["response"] as { code: string }).code, "APPROVED");

        const text = await cli(["order", "show", paid.orderId, "--data", data]);
        for (const part of [
          /1\.00 CNY/,
          /simulator/,
          /rule "everything"/,
          /\+0 ms/,
          /delivered after 1 attempt/,
        ])
          assert.match(text.stdout, part);

        const second = await cli(["up", "--data", data]);
        assert.equal(second.code, 1);
        assert.match(second.stderr, new RegExp(`data_locked: process ${up.pid} works on`));
        assert.ok(!second.stderr.includes("\n    at "), "no stack trace");
        assert.ok(existsSync(path.join(data, "demo.json")), "the refused one leaves the running one alone");
      } finally {
        assert.deepEqual(await up.stop(), { code: 0, signal: null });
      }
      assert.ok(!existsSync(path.join(data, "demo.json")));
      assert.ok(!existsSync(path.join(data, "valence.pid")));
      const nobody = await cli(["pay", "--data", data]);
      assert.equal(nobody.code, 1);
      assert.match(nobody.stderr, /no system runs on .*valence up/);
    }));

  it("after kill -9 it comes up again on the same data and knows what was paid", () =>
    withTree({}, async (folder) => {
      const data = path.join(folder, "data");
      const first = await startUp({ dataDir: data });
      const paid = await cliJson<Paid>(["pay", "--wait", "--data", data]).finally(() => first.kill());
      assert.equal((await first.exited).signal, "SIGKILL");

      const orphan = await cli(["pay", "--data", data]);
      assert.equal(orphan.code, 1);
      assert.match(orphan.stderr, /nothing answers at/);

      const again = await startUp({ dataDir: data });
      try {
        const story = await cliJson<OrderStory>(["order", "show", paid.orderId, "--data", data]);
        assert.equal(story.order?.status, "paid");
        assert.equal((await cliJson<Paid>(["pay", "--wait", "--data", data])).status, "paid");
      } finally {
        await again.stop();
      }
    }));

  it("a broker that is not there: exit 1 and one clear message", () =>
    withTree({}, async (folder) => {
      const ended = await cli(["up", "--bus", "amqp://127.0.0.1:1", "--database", database.url], {
        VALENCE_DATA_DIR: path.join(folder, "data"),
      });
      assertRefused(ended, 1, /broker_unreachable: .*127\.0\.0\.1:1/);
    }));

  it("SIGINT while it is still starting stops it in order, too", () =>
    withTree({}, async (folder) => {
      const data = path.join(folder, "data");
      const child = spawn(process.execPath, [valence, "up", "--data", data], {
        env: { ...process.env, ...freePorts, VALENCE_DATABASE_URL: database.url },
        stdio: "ignore",
      });
      const exited = once(child, "exit");
      // The database is open and migrated by then, and nothing listens yet.
      while (!existsSync(path.join(data, "simulator.ledger"))) await sleep(5);
      child.kill("SIGINT");
      assert.deepEqual(await exited, [0, null]);
      assert.ok(!existsSync(path.join(data, "valence.pid")));
    }));

  const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    [
      "a database nobody serves",
      ["up", "--database", "postgres://127.0.0.1:1/x"],
      1,
      /database_unreachable: .*ECONNREFUSED/,
    ],
    ["an option there is not", ["up", "--nope"], 2, /unknown option/],
    ["run without a module", ["run"], 2, /missing required argument/],
    ["run of a module there is not", ["run", "brige"], 2, /There are: bridge/],
    ["run without a shared database", ["run", "flow"], 1, /database\.url: .*--database/],
    [
      "an admin API nobody could use",
      ["run", "admin", "--database", "postgres://127.0.0.1:1/x"],
      1,
      /VALENCE_ADMIN_TOKEN/,
    ],
    ["an amount with a fraction", ["pay", "--amount", "1.5"], 2, /minor units/],
  ];
  for (const [what, args, code, says] of refusals) {
    it(`${what}: exit ${code} and one clear message`, () =>
      withTree({}, async (folder) => {
        const ended = await cli(args, { VALENCE_DATA_DIR: path.join(folder, "data") });
        assertRefused(ended, code, says);
      }));
  }
});

/** The notification leaves after the order is paid: a moment later it is part of the story. */
async function untilNotified(up: RunningUp, orderId: string): Promise<void> {
  for (;;) {
    const { notifications } = await askAdmin<OrderStory>(up, `/admin/v1/orders/${orderId}`);
    if (notifications.some(({ status }) => status === "delivered")) return;
    await sleep(20);
  }
}
