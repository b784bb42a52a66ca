import assert from "node:assert/strict";
import { ProcessProgress } from "../../../adapters/compose/progress.js";
import { collectSystemMetrics } from "../../../adapters/compose/system-metrics.js";
import type { Sql } from "../../../adapters/store/postgres/database.js";
import { createTelemetry } from "../../../adapters/telemetry/index.js";
import type { Bus, Consumer, Handler, ModuleView } from "../../../engine/ports/index.js";
import { type Delivery } from "../../../engine/ports/bus.js";
import { silent } from "../../../engine/ports/telemetry.js";

const delivery: Delivery = {
  ...{ messageId: "m", queue: "flow.pay", token: "t", type: "run", body: {} },
  ...{ deliveryCount: 1, expired: false, queueWaitMs: 0 },
};

/** A bus that hands out nothing by itself. */
function idleBus(): { readonly bus: Pick<Bus, "consume">; readonly handler: () => Handler } {
  let given: Handler = () => Promise.resolve();
  const consumer: Consumer = {
    pause: () => undefined,
    resume: () => undefined,
    stop: () => Promise.resolve(),
    inFlight: 5,
  };
  return {
    bus: {
      consume: ({ handler }) => {
        given = handler;
        return consumer;
      },
    },
    handler: () => given,
  };
}

describe("progress of a module", () => {
  it("a handler counts when it has ended, well or badly, and is under way until then", async () => {
    const progress = new ProcessProgress(silent).of("flow");
    const { bus, handler } = idleBus();
    const ends: (() => void)[] = [];
    progress.consume(bus, {
      queues: () => ["flow.pay"],
      concurrency: 8,
      handler: () =>
        new Promise((resolve, reject) =>
          ends.push(ends.length === 0 ? resolve : () => reject(new Error("no"))),
        ),
    });
    const [good, bad] = [handler()(delivery), handler()(delivery)];
    const seen = (): readonly number[] => [progress.counters.consumed, progress.counters.inFlight];
    assert.deepEqual(seen(), [0, 2]);
    const { oldestAtMs } = progress.counters;
    ends[1]?.();
    await assert.rejects(bad, /no/);
    assert.deepEqual(seen(), [1, 1]);
    assert.equal(progress.counters.oldestAtMs, oldestAtMs, "the older one is still under way");
    ends[0]?.();
    await good;
    assert.deepEqual(seen(), [2, 0]);
    assert.equal(progress.counters.oldestAtMs, 0);
    assert.ok(progress.counters.movedAtMs >= oldestAtMs);
  });

  it("what ends twice counts once", () => {
    const progress = new ProcessProgress(silent).of("bridge");
    const end = progress.begin();
    end();
    end();
    assert.equal(progress.counters.consumed, 1);
  });

  it("a paused consumer names its queues, a resumed one does not; the others stay as they are", () => {
    const process_ = new ProcessProgress(silent);
    const progress = process_.of("channel:a");
    const changes: string[] = [];
    process_.start(["channel:a"], () => changes.push(progress.paused.join()));
    const consume = (queue: string): Consumer =>
      progress.consume(idleBus().bus, {
        queues: () => [queue],
        concurrency: 1,
        handler: () => Promise.resolve(),
      });
    const [charges, follow] = [consume("channel.a"), consume("channel.a.follow")];
    charges.pause();
    follow.pause();
    follow.resume();
    process_.stop();
    assert.deepEqual(changes, ["channel.a", "channel.a,channel.a.follow", "channel.a"]);
    assert.equal(charges.inFlight, 5);
  });
});

describe("metrics of the whole system", () => {
  const module: ModuleView = {
    ...{ instance: "i", module: "flow", host: "h", pid: 7, version: "0", queues: [], atoms: {}, paused: [] },
    ...{ startedAtMs: 0, beatAgoMs: 100, state: "stuck", why: "test" },
    progress: {
      ...{ consumed: 1, consumedPerS: 0, inFlight: 2, oldestInFlightMs: 9_000 },
      ...{ movedAgoMs: 9_000, loopTurnAgoMs: 100, loopDelayMs: 20 },
    },
  };
  const queue = { queue: "notify", ready: 3, delayed: 0, leased: 1, dead: 2, oldestReadyMs: 4_000 };
  const sql = { query: () => Promise.resolve([{ count: 1, days: 8 }]) } as unknown as Sql;

  async function scraped(
    look: () => Promise<{ modules: ModuleView[]; queues: (typeof queue)[] }>,
    times = 1,
  ) {
    const telemetry = createTelemetry({ level: "error", format: "json", service: "admin", instance: "i" });
    telemetry.beforeScrape(() => collectSystemMetrics({ view: { look }, sql, telemetry }));
    let text = "";
    for (let scrape = 0; scrape < times; scrape++) text = await telemetry.metricsText();
    return text
      .split("\n")
      .filter((line) => /^valence_(queue|module|parked|journal)_\w+\{/.test(line) && !line.includes("_total"))
      .map((line) => line.replace(/,?service="admin",instance="i"/, ""));
  }

  it("one series per state of a module and per state of a queue", async () => {
    const lines = await scraped(() => Promise.resolve({ modules: [module], queues: [queue] }));
    for (const line of [
      'valence_module_state{module="flow",host="h",pid="7",state="stuck"} 1',
      'valence_module_state{module="flow",host="h",pid="7",state="live"} 0',
      'valence_module_in_flight{module="flow",host="h",pid="7"} 2',
      'valence_module_oldest_in_flight_seconds{module="flow",host="h",pid="7"} 9',
      'valence_queue_messages{queue="notify",state="ready"} 3',
      'valence_queue_messages{queue="notify",state="dead"} 2',
      'valence_queue_oldest_seconds{queue="notify"} 4',
      "valence_parked_runs{} 1",
      "valence_journal_days_ahead{} 7",
    ])
      assert.ok(lines.includes(line), `${line} is not among\n${lines.join("\n")}`);
  });

  it("what is gone leaves no series behind", async () => {
    let looks = 0;
    const lines = await scraped(
      () =>
        Promise.resolve(looks++ === 0 ? { modules: [module], queues: [queue] } : { modules: [], queues: [] }),
      2,
    );
    assert.deepEqual(
      lines.filter((line) => /^valence_(queue|module)/.test(line)),
      [],
    );
  });

  it("what cannot be collected is absent, and the rest is shown all the same", async () => {
    assert.deepEqual(await scraped(() => Promise.reject(new Error("no database"))), []);
  });
});
