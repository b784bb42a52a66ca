import assert from "node:assert/strict";
import { ChannelHealth } from "../../../../adapters/store/postgres/channel-health.js";
import { PostgresChannels } from "../../../../adapters/store/postgres/channels.js";
import { PostgresReference } from "../../../../adapters/store/postgres/reference.js";
import { PostgresRoutes } from "../../../../adapters/store/postgres/route-sets.js";
import { registerChannel } from "../../../../adapters/store/postgres/setup.js";
import { VersionWatch } from "../../../../adapters/store/postgres/version-watch.js";
import { systemClock, systemRandom } from "../../../../adapters/system/clock.js";
import { runDayOf } from "../../../../engine/ids.js";
import type { SwitchChange } from "../../../../engine/ports/index.js";
import { Routes } from "../../../../engine/registry/routes.js";
import { id, insert, journalEntry, orderRow, runRow } from "../../../contract/world.js";
import { freshDatabase, freshEmbedded, type TestDatabase } from "../../../support/postgres.js";
import { openProcess, type PostgresProcess } from "../../../support/postgres-world.js";
import { ScriptedChannel } from "../../../../adapters/memory/channel.js";

const by = { author: "ann", reason: "a test" };
const file = (rules: unknown) => ({ path: "routes.json", text: JSON.stringify(rules) });
const rulesFor = (channel: string) => [{ name: channel, channels: [{ channel }] }];
const healthy = { breaker: "closed", calls: 0, successRatio: 1, p50Ms: 0, p95Ms: 0, inFlight: 0 } as const;

const databases: readonly (readonly [string, () => Promise<TestDatabase>])[] = [
  ["PostgreSQL", freshDatabase],
  ["embedded", freshEmbedded],
];

for (const [name, open] of databases) {
  describe(`routes and channels on ${name}`, function () {
    this.timeout(30_000);
    let database: TestDatabase;
    let process: PostgresProcess;
    let channels: PostgresChannels;
    let routes: Routes;
    let reference: PostgresReference;
    let watch: VersionWatch;
    /** The audit is only added to: what a test has written stands behind this line. */
    let auditedBefore: number;
    const sql = () => process.database.pool;
    const change = (channel: string, more: Partial<SwitchChange> = {}): Promise<void> =>
      channels.switchTo({ channel, switch: "closed", ...by, ...more });
    const factsOf = async (channel: string) =>
      (await reference.channels()).find((facts) => facts.channel === channel);

    before(async () => {
      database = await open();
      process = await openProcess(database);
    });
    beforeEach(async () => {
      await sql().query("delete from core.channel_health");
      await sql().query("update config.channels set redirect_to = null, switch = 'open'");
      await sql().query("delete from config.channels");
      await sql().query("delete from config.route_sets");
      const [head] = await sql().query<{ seq: number }>("select seq from config.audit_head");
      auditedBefore = head?.seq ?? 0;
      channels = new PostgresChannels(sql(), systemRandom);
      routes = new Routes({
        store: new PostgresRoutes(sql(), systemRandom),
        channels: async () => (await channels.channels()).map(({ channel }) => channel),
      });
      watch = new VersionWatch(sql(), systemClock);
      reference = new PostgresReference(sql(), watch, systemClock);
      await watch.check();
      for (const channel of ["alpha", "beta", "gamma"])
        await registerChannel(sql(), new ScriptedChannel(channel).manifest);
    });
    after(async () => {
      await process.close();
      await database.drop();
    });

    it("a switch is read by whoever looks at the version, with who, when and why, and is audited", async () => {
      assert.equal((await factsOf("alpha"))?.switch, "open");
      await change("alpha", { switch: "redirect", redirectTo: "beta", waiting: "stay" });
      await watch.check();
      const { switch: position, redirectTo, waiting } = (await factsOf("alpha"))!;
      assert.deepEqual([position, redirectTo, waiting], ["redirect", "beta", "stay"]);
      const [state] = await channels.channels();
      assert.deepEqual([state?.changedBy, state?.reason], ["ann", "a test"]);
      const audit = await sql().query(
        "select who, action, subject, before, after, reason from config.audit where seq > $1",
        [auditedBefore],
      );
      assert.deepEqual(audit, [
        {
          ...{ who: "ann", action: "channel.switch", subject: "channel alpha", reason: "a test" },
          before: { switch: "open", waiting: "reroute", redirectTo: null },
          after: { switch: "redirect", waiting: "stay", redirectTo: "beta" },
        },
      ]);
    });

    it("a module that starts again leaves the operator's switch alone", async () => {
      await change("alpha", { waiting: "stay" });
      await registerChannel(sql(), { ...new ScriptedChannel("alpha").manifest, feeBps: 99 });
      await watch.check();
      const { switch: position, waiting, feeBps } = (await factsOf("alpha"))!;
      assert.deepEqual([position, waiting, feeBps], ["closed", "stay", 99]);
    });

    const refusals: readonly (readonly [string, string, Partial<SwitchChange>, string])[] = [
      ["a channel nobody has", "delta", {}, "channel_unknown"],
      ["a redirect to nobody", "alpha", { switch: "redirect", redirectTo: "delta" }, "channel_unknown"],
      ["a redirect to itself", "alpha", { switch: "redirect", redirectTo: "alpha" }, "redirect_invalid"],
      [
        "a redirect that comes back",
        "gamma",
        { switch: "redirect", redirectTo: "alpha" },
        "redirect_invalid",
      ],
    ];
    for (const [what, channel, more, code] of refusals)
      it(`${what}: ${code}, and nothing is changed`, async () => {
        await change("alpha", { switch: "redirect", redirectTo: "beta" });
        await change("beta", { switch: "redirect", redirectTo: "gamma" });
        const before = await channels.channels();
        await assert.rejects(change(channel, more), { code });
        assert.deepEqual(await channels.channels(), before);
      });

    it("an operator who saw another position is told who changed it, and nothing is changed", async () => {
      await change("alpha", { expectedSwitch: "open" });
      await change("beta", { switch: "redirect", redirectTo: "gamma" });
      const before = await channels.channels();
      for (const [channel, expectedSwitch] of [
        ["alpha", "open"],
        ["alpha", "draining"],
        ["beta", "redirect:alpha"],
        ["beta", "redirect"],
        ["beta", "nonsense"],
      ] as const)
        await assert.rejects(
          change(channel, { switch: "open", expectedSwitch, author: "bob" }),
          ({ code, detail }: { code: string; detail: string }) =>
            code === "switch_superseded" && /closed by ann, 20.*Z: a test|redirect:gamma by ann/.test(detail),
        );
      assert.deepEqual(await channels.channels(), before);
      await change("beta", { switch: "open", expectedSwitch: "redirect:gamma" });
    });

    it("of two operators who switch at the same moment one is told", async () => {
      const results = await Promise.allSettled([
        change("alpha", { switch: "draining", expectedSwitch: "open" }),
        change("alpha", { switch: "closed", expectedSwitch: "open", author: "bob" }),
      ]);
      assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    });

    it("every module of a channel is shown with its own figures, and what bounds the channel", async () => {
      const sent = { ...healthy, calls: 3, successRatio: 1, p50Ms: 10, p95Ms: 30, inFlight: 2 };
      await new ChannelHealth(sql(), process.instance).beat("alpha", sent);
      await new ChannelHealth(sql(), id()).beat("alpha", {
        ...healthy,
        breaker: "open",
        calls: 1,
        successRatio: 0,
      });
      const [alpha, beta] = await channels.channels();
      assert.deepEqual([alpha?.calls, alpha?.successRatio, alpha?.breaker], [4, 0.75, "closed"]);
      const shown = alpha!.instances.map(({ instance: _id, beatAgoMs: _ago, ...rest }) => rest);
      shown.sort((a, b) => b.calls - a.calls);
      assert.deepEqual(shown, [sent, { ...healthy, breaker: "open", calls: 1, successRatio: 0 }]);
      const { operations, concurrencyMax, callTimeoutMs, breaker } = new ScriptedChannel("alpha").manifest;
      assert.deepEqual(alpha?.bounds, { operations, concurrencyMax, callTimeoutMs, breaker });
      assert.deepEqual([beta?.calls, beta?.instances], [0, []]);
    });

    it("two redirects at the same moment never close a circle", async () => {
      const results = await Promise.allSettled([
        change("alpha", { switch: "redirect", redirectTo: "beta" }),
        change("beta", { switch: "redirect", redirectTo: "alpha" }),
      ]);
      assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    });

    it("rules: versions grow, the newest is read, all of them stay, each is audited", async () => {
      for (const channel of ["alpha", "beta"]) await routes.apply(file(rulesFor(channel)), by);
      await watch.check();
      assert.deepEqual(await reference.routes(), rulesFor("beta"));
      assert.deepEqual(await routes.rollback(by), { applied: true, version: 3 });
      await watch.check();
      assert.deepEqual(await reference.routes(), rulesFor("alpha"));
      const history = await routes.history(10);
      assert.deepEqual(
        history.map(({ version, rules }) => [version, rules[0]?.name]),
        [
          [3, "alpha"],
          [2, "beta"],
          [1, "alpha"],
        ],
      );
      const audit = await sql().query(
        `select subject, before is null as first from config.audit
         where action = 'routes.activate' and seq > $1 order by subject`,
        [auditedBefore],
      );
      assert.deepEqual(audit, [
        { subject: "version 1", first: true },
        { subject: "version 2", first: false },
        { subject: "version 3", first: false },
      ]);
    });

    it("rules that do not check change nothing", async () => {
      await routes.apply(file(rulesFor("alpha")), by);
      const refused = await routes.apply(file(rulesFor("delta")), by);
      assert.equal(!refused.applied && refused.diagnostics[0]?.code, "ROUTE_CHANNEL_UNKNOWN");
      assert.equal((await routes.active())?.version, 1);
    });

    it("of two authors who started from the same version one is told to look again", async () => {
      await routes.apply(file(rulesFor("alpha")), by);
      const results = await Promise.allSettled([
        routes.apply(file(rulesFor("beta")), by, 1),
        routes.apply(file(rulesFor("gamma")), by, 1),
      ]);
      assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
      await assert.rejects(routes.apply(file(rulesFor("beta")), by, 1), { code: "rules_superseded" });
      await assert.rejects(routes.rollback(by, 1, 1), { code: "rules_superseded" });
      assert.equal((await routes.active())?.version, 2);
    });

    it("an older version whose channel is gone, or that never was, is not put in force again", async () => {
      await routes.apply(file(rulesFor("gamma")), by);
      await routes.apply(file(rulesFor("alpha")), by);
      await sql().query("delete from config.channels where channel = 'gamma'");
      assert.equal((await routes.rollback(by)).applied, false);
      await assert.rejects(routes.rollback(by, 7), { code: "version_unknown" });
      await assert.rejects(routes.rollback(by, 0), { code: "version_unknown" });
    });

    it("what a module reports is a fact; one that leaves is gone, one that falls silent is missing", async () => {
      const health = new ChannelHealth(sql(), process.instance);
      assert.equal((await factsOf("alpha"))?.presence, "gone");
      await health.beat("alpha", { ...healthy, calls: 4, successRatio: 0.5, breaker: "open" });
      reference.channelsChanged();
      const { presence, breaker, successRatio } = (await factsOf("alpha"))!;
      assert.deepEqual([presence, breaker, successRatio], ["live", "open", 0.5]);
      await sql().query("update core.channel_health set beat_at = now() - interval '6 seconds'");
      reference.channelsChanged();
      assert.equal((await factsOf("alpha"))?.presence, "missing");
      await health.leave("alpha");
      reference.channelsChanged();
      assert.equal((await factsOf("alpha"))?.presence, "gone");
    });

    it("payments without a result and charges a dead process began are counted by channel", async () => {
      const { store } = process;
      const begun = async (status: string, runState: string, intent: boolean): Promise<void> => {
        const order = orderRow();
        const run = runRow({ state: runState, orderId: order["orderId"] });
        const runId = String(run["runId"]);
        const payment = {
          ...{ paymentId: id(), orderId: order["orderId"], runId, attempt: 1, channel: "alpha", status },
          ...{
            amount: 100,
            currency: "EUR",
            surplus: false,
            refundReserved: 0,
            refunded: 0,
            createdAt: 0,
            updatedAt: 0,
          },
        };
        const writes = [insert("orders", order), insert("runs", run), insert("payments", payment)];
        await store.commit({ writes, publish: [] });
        if (!intent) return;
        const journal = journalEntry({
          runId,
          runDay: runDayOf(runId),
          hop: 1,
          kind: "intent",
          sendWindowMs: 1,
        });
        await store.commit({ journal: [journal], writes: [], publish: [] });
      };
      await begun("created", "open", false);
      await begun("approved", "open", true);
      await begun("sending", "ended", true);
      assert.deepEqual(
        [await channels.openPayments("alpha"), await channels.hasOpenIntents("alpha")],
        [1, false],
      );
      await begun("sending", "open", true);
      assert.deepEqual(
        [await channels.openPayments("alpha"), await channels.hasOpenIntents("alpha")],
        [2, true],
      );
      assert.deepEqual(
        [await channels.openPayments("beta"), await channels.hasOpenIntents("beta")],
        [0, false],
      );
    });
  });
}
