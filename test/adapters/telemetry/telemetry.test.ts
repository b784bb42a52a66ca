import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { bucketsMax } from "../../../adapters/store/postgres/series.js";
import { counters, gauges, histograms } from "../../../adapters/telemetry/catalogue.js";
import {
  createTelemetry,
  type ProcessTelemetry,
  type TelemetryOptions,
} from "../../../adapters/telemetry/index.js";
import type { CounterName, GaugeName, HistogramName, LogEvent } from "../../../engine/ports/telemetry.js";

interface Probe {
  readonly telemetry: ProcessTelemetry;
  /** Lines written so far. */
  readonly lines: () => string[];
}

function probe(options: Partial<TelemetryOptions> = {}): Probe {
  let written = "";
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  const telemetry = createTelemetry({
    level: "info",
    format: "json",
    service: "flow",
    instance: "one",
    sink,
    ...options,
  });
  return { telemetry, lines: () => written.split("\n").slice(0, -1) };
}

/** The single JSON line that an event became. */
function logged(event: LogEvent, options: Partial<TelemetryOptions> = {}): Record<string, unknown> {
  const { telemetry, lines } = probe(options);
  telemetry.log("info", event);
  assert.equal(lines().length, 1);
  return JSON.parse(lines()[0]!) as Record<string, unknown>;
}

describe("log", () => {
  it("an event is one JSON object on one line, with time, level and who said it", () => {
    const { at, ...rest } = logged({
      event: "run.parked",
      runId: "r1",
      note: "two\nlines",
      steps: [{ ms: 1 }],
    });
    assert.deepEqual(rest, {
      level: "info",
      service: "flow",
      instance: "one",
      event: "run.parked",
      runId: "r1",
      note: "two\nlines",
      steps: [{ ms: 1 }],
    });
    assert.match(String(at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("an event cannot pass itself off as another level or process", () => {
    const line = logged({ event: "run.parked", level: "error", service: "bridge", message: "kept" });
    assert.deepEqual(
      [line["level"], line["service"], line["level_"], line["message"]],
      ["info", "flow", "error", "kept"],
    );
  });

  it("sensitive fields are masked at any depth, whatever their type", () => {
    const sensitive = (name: string): boolean => name === "card" || name === "pin";
    const event = {
      event: "x",
      card: "6222021234567890",
      deep: { list: [{ card: "6222021234567890", pin: 1234 }] },
    };
    for (const format of ["json", "text"] as const) {
      const { telemetry, lines } = probe({ sensitive, format });
      telemetry.log("info", event);
      assert.doesNotMatch(lines()[0]!, /622202|\b1234\b/);
      assert.match(lines()[0]!, /\*7890/);
    }
  });

  it("errors keep code, stack and cause", () => {
    const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    const { error } = logged({ event: "x", error: new Error("no database", { cause }) });
    const { message, stack, cause: inner } = error as Record<string, unknown>;
    assert.equal(message, "no database");
    assert.match(String(stack), /telemetry\.test/);
    assert.equal((inner as Record<string, unknown>)["code"], "ECONNREFUSED");
  });

  it("what JSON cannot carry does not break the caller", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    assert.equal(logged({ event: "x", amount: 12n })["amount"], "12");
    assert.match(String(logged({ event: "x", circle })["unloggable"]), /circular/i);
    const { telemetry, lines } = probe({ format: "text" });
    telemetry.log("info", { event: "x", circle, runId: "r1" });
    assert.match(lines()[0]!, /circular.* runId=r1/i);
  });

  it("text is one line per event, values in quotes where they need it", () => {
    const { telemetry, lines } = probe({ format: "text" });
    telemetry.log("warn", {
      event: "run.parked",
      runId: "r1",
      note: "two\nlines",
      count: 2,
      none: undefined,
    });
    assert.equal(lines().length, 1);
    assert.match(lines()[0]!, /^[\d:.]{12} warn  run\.parked runId=r1 note="two\\nlines" count=2$/);
  });

  for (const [level, expected] of [
    ["debug", ["debug", "info", "warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["warn", ["warn", "error"]],
    ["error", ["error"]],
  ] as const) {
    it(`at level ${level}: ${expected.join(", ")}`, () => {
      const { telemetry, lines } = probe({ level });
      for (const each of ["debug", "info", "warn", "error"] as const) telemetry.log(each, { event: "x" });
      assert.deepEqual(
        lines().map((line) => (JSON.parse(line) as { level: string }).level),
        expected,
      );
    });
  }
});

/** Labels of the right names for a metric. */
const labelsFor = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, "x"]));

describe("metrics", () => {
  it("every metric of the port can be fed and is shown, with service and instance", async () => {
    const { telemetry } = probe();
    for (const [name, { labels }] of Object.entries(counters))
      telemetry.count(name as CounterName, labelsFor(labels), 3);
    for (const [name, { labels }] of Object.entries(gauges))
      telemetry.gauge(name as GaugeName, labelsFor(labels), 7);
    for (const [name, { labels }] of Object.entries(histograms)) {
      telemetry.observe(name as HistogramName, labelsFor(labels), 0.002);
    }
    const text = await telemetry.metricsText();
    const valueOf = (name: string): string | undefined =>
      text
        .split("\n")
        .find((line) => line.startsWith(`${name}{`) && line.includes('service="flow",instance="one"'))
        ?.split(" ")
        .at(-1);
    for (const name of Object.keys(counters)) assert.equal(valueOf(name), "3", name);
    for (const name of Object.keys(gauges)) assert.equal(valueOf(name), "7", name);
    for (const name of Object.keys(histograms)) assert.equal(valueOf(`${name}_count`), "1", name);
    assert.match(text, /^process_cpu_seconds_total|^nodejs_eventloop_lag/m);
    assert.match(telemetry.metricsContentType, /^text\/plain/);
  });

  it("a scrape does not list the handles of the process: with a thread that has just ended, that aborts Node 20", async () => {
    const text = await probe().telemetry.metricsText();
    assert.doesNotMatch(text, /nodejs_active_handles/);
    assert.match(text, /^nodejs_active_resources_total/m);
  });

  it("a count without a number is one, and adds up", async () => {
    const { telemetry } = probe();
    telemetry.count("valence_commits_total", {});
    telemetry.count("valence_commits_total", {});
    assert.match(await telemetry.metricsText(), /^valence_commits_total\{[^}]*\} 2$/m);
  });

  it("buckets ascend", () => {
    for (const [name, { buckets }] of Object.entries(histograms)) {
      assert.deepEqual(
        [...buckets].sort((a, b) => a - b),
        [...buckets],
        name,
      );
    }
  });

  for (const [mistake, labels] of [
    ["missing", { route: "/v1/orders" }],
    ["misspelt", { route: "/v1/orders", state: "200" }],
    ["too many", { route: "/v1/orders", status: "200", orderId: "1" }],
  ] as const) {
    it(`labels ${mistake}: a broken invariant that names the right ones`, () => {
      const { telemetry } = probe();
      assert.throws(
        () => telemetry.count("valence_requests_total", labels),
        /takes the labels \[route, status\]/,
      );
    });
  }

  it("two telemetries in one process do not share counts", async () => {
    const [one, two] = [probe().telemetry, probe().telemetry];
    one.count("valence_commits_total", {});
    assert.doesNotMatch(await two.metricsText(), /^valence_commits_total\{[^}]*\} 1$/m);
  });

  it("what has grown is told once, counts and observations with their buckets, and scrapes do not notice", async () => {
    const { telemetry } = probe();
    const names = ["valence_commits_total", "valence_commit_seconds", "valence_dead_letters_total"] as const;
    telemetry.count("valence_commits_total", {}, 2);
    telemetry.observe("valence_commit_seconds", {}, 0.0002);
    telemetry.observe("valence_commit_seconds", {}, 0.003);
    await telemetry.metricsText();
    telemetry.count("valence_commits_total", {}, 3);
    const [counted, observed, ...others] = telemetry.grown(names);
    assert.deepEqual(counted, { metric: "valence_commits_total", labels: {}, count: 5, sum: 0 });
    assert.deepEqual([observed?.metric, observed?.count], ["valence_commit_seconds", 2]);
    assert.ok(Math.abs((observed?.sum ?? 0) - 0.0032) < 1e-12);
    assert.deepEqual(observed?.buckets, [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(others, [], "what has not grown is not told");
    assert.deepEqual(telemetry.grown(names), []);
    telemetry.observe("valence_commit_seconds", {}, 5);
    assert.deepEqual(telemetry.grown(names)[0]?.buckets?.at(-1), 1, "the growth alone");
    assert.match(await telemetry.metricsText(), /^valence_commits_total\{[^}]*\} 5$/m);
    assert.match(await telemetry.metricsText(), /^valence_commit_seconds_count\{[^}]*\} 3$/m);
  });

  it("a histogram has no more buckets than a recorded sample can have", () => {
    for (const [name, { buckets }] of Object.entries(histograms))
      assert.ok(buckets.length < bucketsMax, name);
  });
});
