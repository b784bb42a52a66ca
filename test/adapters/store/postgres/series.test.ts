/** Recorded throughput: nothing is counted twice, and nothing is lost on its way from short steps to long ones. */
import assert from "node:assert/strict";
import { connect, type Database } from "../../../../adapters/store/postgres/database.js";
import { PostgresSeries } from "../../../../adapters/store/postgres/series.js";
import { systemRandom } from "../../../../adapters/system/clock.js";
import type { Sample, SampleSet } from "../../../../engine/ports/series.js";
import {
  forEachDatabaseInVerify,
  freshDatabase,
  onServer,
  type TestDatabase,
} from "../../../support/postgres.js";

const stepMs = 5_000;
const minuteMs = 60_000;
/** Begin of the five minutes that many five minutes ago. */
const fiveMinutesAgo = (count: number): number => {
  const length = 5 * minuteMs;
  return Math.floor(Date.now() / length) * length - count * length;
};

const counted = (count: number, labels: Sample["labels"] = { queue: "flow.pay" }): Sample => ({
  ...{ metric: "valence_transactions_total", labels, count, sum: 0 },
});
const timed = (sum: number, buckets: readonly number[]): Sample => ({
  ...{ metric: "valence_atoms_seconds", labels: { queue: "flow.pay" }, sum, buckets },
  count: buckets.reduce((all, each) => all + each, 0),
});

forEachDatabaseInVerify((name, open) => {
  describe(`recorded series: ${name}`, function () {
    this.timeout(60_000);
    let home: TestDatabase;
    let database: Database;
    let series: PostgresSeries;
    before(async () => {
      home = await open();
      database = connect({ ...home, applicationName: "test", connectionsMax: 2 });
      series = new PostgresSeries(database.pool);
    });
    beforeEach(async () => {
      await database.pool.query("delete from report.samples");
      await database.pool.query("update report.steps set until = null");
    });
    after(async () => {
      await database.close();
      await home.drop();
    });

    const one = systemRandom.id();
    const two = systemRandom.id();
    const record = (atMs: number, samples: readonly Sample[], instance = one): Promise<void> =>
      series.add({ atMs, instance, service: "flow", host: "h1", samples } satisfies SampleSet);
    const rows = async (stepS: number): Promise<number> => {
      const [row] = await database.pool.query<{ count: number }>(
        "select count(*)::int as count from report.samples where step_s = $1",
        [stepS],
      );
      return row?.count ?? 0;
    };
    /** As if nobody had added up the newest steps yet. */
    const anotherEnds = async (): Promise<void> =>
      void (await database.pool.query(
        "update report.steps set until = until - step_s * interval '1 second'",
      ));
    const countOf = async (stepS: number, fromMs: number, toMs: number): Promise<number> => {
      const totals = await series.totals({ stepS, fromMs, toMs });
      return totals.reduce((sum, { metric, count }) => sum + (metric.endsWith("total") ? count : 0), 0);
    };

    it("what processes wrote adds up over time and over processes, histograms bucket by bucket", async () => {
      const atMs = fiveMinutesAgo(1);
      await record(atMs, [counted(3), timed(0.5, [1, 2, 0])]);
      await record(atMs, [counted(4), timed(0.25, [0, 0, 1])], two);
      await record(atMs + stepMs, [counted(5, { queue: "notify" })]);
      const span = { stepS: 5, fromMs: atMs, toMs: atMs + 2 * stepMs };
      const totals = await series.totals(span);
      assert.deepEqual(
        totals
          .map(({ metric, labels, count, sum, buckets }) => [metric, labels["queue"], count, sum, buckets])
          .sort(),
        [
          ["valence_atoms_seconds", "flow.pay", 4, 0.75, [1, 2, 1]],
          ["valence_transactions_total", "flow.pay", 7, 0, undefined],
          ["valence_transactions_total", "notify", 5, 0, undefined],
        ],
      );
      const course = await series.course(span, 5);
      assert.deepEqual(
        course
          .filter(({ metric }) => metric.endsWith("total"))
          .map((each) => [each.atMs - atMs, each.count])
          .sort(),
        [
          [0, 7],
          [stepMs, 5],
        ],
      );
      const [wide] = (await series.course(span, 15)).filter(({ labels }) => labels["queue"] === "notify");
      assert.deepEqual([wide?.atMs, wide?.count], [Math.floor(atMs / 15_000) * 15_000, 5]);
    });

    it("labels that only tell steps apart are added up", async () => {
      const atMs = fiveMinutesAgo(1);
      const of = (transaction: string): Sample => counted(1, { queue: "flow.pay", transaction });
      await record(atMs, [of("order.accept"), of("order.settle")]);
      const totals = await series.totals({ stepS: 5, fromMs: atMs, toMs: atMs + stepMs });
      assert.deepEqual(totals, [counted(2)]);
    });

    it("a step that a process writes twice counts once", async () => {
      const atMs = fiveMinutesAgo(1);
      await record(atMs, [counted(3)]);
      await record(atMs, [counted(3)]);
      assert.equal(await countOf(5, atMs, atMs + stepMs), 3);
    });

    it("steps are made of shorter ones, once or ten times, and whatever came late is in them", async () => {
      const fromMs = fiveMinutesAgo(4);
      const toMs = fiveMinutesAgo(1);
      let wanted = 0;
      for (let atMs = fromMs; atMs < toMs; atMs += 30_000) {
        await record(atMs, [counted(2), timed(0.5, [1, 1, 0])]);
        wanted += 2;
      }
      await series.rollUp();
      for (const stepS of [60, 300]) assert.equal(await countOf(stepS, fromMs, toMs), wanted, `${stepS} s`);
      assert.deepEqual([await rows(60), await rows(300)], [30, 6]);
      for (let round = 0; round < 3; round++) {
        await anotherEnds();
        await series.rollUp();
      }
      for (const stepS of [60, 300])
        assert.equal(await countOf(stepS, fromMs, toMs), wanted, `${stepS} s again`);
      const [minute] = (await series.totals({ stepS: 60, fromMs, toMs: fromMs + minuteMs })).filter(
        ({ buckets }) => buckets,
      );
      assert.deepEqual([minute?.count, minute?.sum, minute?.buckets], [4, 1, [2, 2, 0]]);
    });

    it("what came after its step was added up is added, too", async () => {
      const atMs = Math.floor(Date.now() / minuteMs) * minuteMs - 2 * minuteMs;
      await record(atMs, [counted(1)]);
      await series.rollUp();
      assert.equal(await countOf(60, atMs, atMs + minuteMs), 1);
      await record(atMs + stepMs, [counted(6)], two);
      await anotherEnds();
      await series.rollUp();
      assert.equal(await countOf(60, atMs, atMs + minuteMs), 7);
    });

    it("what has been kept long enough goes, and only after it has been added up", async () => {
      const oldMs = fiveMinutesAgo(15);
      const ancientMs = fiveMinutesAgo(26 * 12);
      await record(ancientMs, [counted(9)]);
      await record(oldMs, [counted(2)]);
      await series.rollUp();
      assert.equal(await countOf(5, 0, Date.now()), 0, "5 s steps are kept for an hour");
      assert.equal(await countOf(60, 0, Date.now()), 2, "60 s steps for 25 hours");
      assert.equal(await countOf(300, 0, Date.now()), 2);
    });

    it("two that add up at the same time do it once", async () => {
      const atMs = fiveMinutesAgo(2);
      await record(atMs, [counted(5)]);
      await Promise.all([series.rollUp(), series.rollUp(), series.rollUp()]);
      assert.equal(await countOf(60, atMs, atMs + minuteMs), 5);
    });

    it("killed in the middle: nothing was done, and the next one does it all", async () => {
      const oldMs = fiveMinutesAgo(15);
      await record(oldMs, [counted(2)]);
      const dying: Pick<Database, "pool">["pool"] = {
        query: (text, values, statement) => database.pool.query(text, values, statement),
        transaction: (work) =>
          database.pool.transaction(async (tx) => {
            let deletes = 0;
            return work({
              query: (text, values, statement) => {
                if (text.startsWith("delete") && ++deletes === 2) throw new Error("killed");
                return tx.query(text, values, statement);
              },
              transaction: tx.transaction,
            });
          }),
      };
      await assert.rejects(new PostgresSeries(dying).rollUp(), /killed/);
      assert.deepEqual([await countOf(5, 0, Date.now()), await countOf(60, 0, Date.now())], [2, 0]);
      await series.rollUp();
      assert.deepEqual([await countOf(5, 0, Date.now()), await countOf(60, 0, Date.now())], [0, 2]);
    });
  });
});

describe("recorded series: every read is a range of the key", function () {
  this.timeout(60_000);
  it("a minute among a day is not looked for by reading the day", async () => {
    const home = await freshDatabase();
    try {
      await onServer(home.url, async (client) => {
        await client.query(
          `insert into report.samples (step_s, at, instance, service, host, metric, labels, count, sum)
           select 5, now() - n * interval '1 second', gen_random_uuid(), 'flow', 'h1', 'm', '{}', 1, 0
           from generate_series(1, 40000) n`,
        );
        await client.query("analyze report.samples");
        const { rows } = await client.query<{ "QUERY PLAN": string }>(
          `explain select sum(count) from report.samples
           where step_s = 5 and at >= now() - interval '2 minutes' and at < now()`,
        );
        const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
        assert.match(plan, /samples_pkey/, plan);
        assert.doesNotMatch(plan, /Seq Scan/, plan);
      });
    } finally {
      await home.drop();
    }
  });
});

describe("recorded series: the bridge's own database role", function () {
  this.timeout(60_000);
  it("it may write what it counted, and read or change nothing of it", async () => {
    const home = await freshDatabase();
    const role = `bridge_series_${process.pid}`;
    await onServer(home.url, (sql) =>
      sql.query(`create role ${role} login password 'pw' in role valence_bridge`),
    );
    const narrow = new URL(home.url);
    [narrow.username, narrow.password] = [role, "pw"];
    const database = connect({
      url: narrow.href,
      embedded: false,
      applicationName: "test",
      connectionsMax: 1,
    });
    try {
      const set = { atMs: fiveMinutesAgo(1), instance: systemRandom.id(), service: "bridge", host: "dmz" };
      await new PostgresSeries(database.pool).add({ ...set, samples: [counted(1)] });
      for (const forbidden of [
        "select * from report.samples",
        "update report.samples set count = 0",
        "delete from report.samples",
        "update report.steps set until = now()",
      ])
        await assert.rejects(database.pool.query(forbidden), /permission denied/, forbidden);
    } finally {
      await database.close();
      await onServer(home.url, (sql) => sql.query(`drop owned by ${role}; drop role ${role}`));
      await home.drop();
    }
  });
});
