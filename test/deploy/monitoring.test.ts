import assert from "node:assert/strict";
import { counters, gauges, histograms } from "../../adapters/telemetry/catalogue.js";
import { exposedNames, labelsOf, metricsIn, panels, rules, text, yaml } from "./files.js";

const expressions: readonly (readonly [string, string])[] = [
  ...rules().map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...panels().flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [`panel ${title}`, expr] as const),
  ),
];

describe("alert rules and dashboard", () => {
  it("name metrics that exist, or none of ours at all", () => {
    const unknown = expressions.flatMap(([where, expression]) =>
      metricsIn(expression)
        .filter((name) => !exposedNames.has(name))
        .map((name) => `${where}: ${name}`),
    );
    assert.deepEqual(unknown, []);
    assert.ok(expressions.length > 40);
  });

  it("select by labels that their metrics have", () => {
    const common = ["service", "instance", "job", "le"];
    const wrong = expressions.flatMap(([where, expression]) =>
      [...expression.matchAll(/\b(valence_[a-z_]+)\{([^}]*)\}/g)].flatMap(([, metric = "", selector = ""]) =>
        [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)]
          .map(([, label = ""]) => label)
          .filter((label) => ![...labelsOf(metric), ...common].includes(label))
          .map((label) => `${where}: ${metric} has no label ${label}`),
      ),
    );
    assert.deepEqual(wrong, []);
  });

  it("every system gauge and every latency is looked at by somebody", () => {
    const seen = new Set(expressions.flatMap(([, expression]) => metricsIn(expression)));
    const system = Object.entries(gauges).flatMap(([name, spec]) => ("system" in spec ? [name] : []));
    assert.deepEqual(
      system.filter((name) => !seen.has(name)),
      [],
    );
    const unseen = Object.keys(histograms).filter((name) => !seen.has(`${name}_bucket`));
    // By atom there are too many for a glance; whoever needs one asks.
    assert.deepEqual(unseen, ["valence_step_seconds"]);
  });

  it("every alert says how bad, what, and what to do; and has a unit test that fires it", () => {
    const { tests } = yaml<{
      tests: readonly { alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[] }[];
    }>("deploy/prometheus/rules.test.yml");
    const fired = new Set(
      tests.flatMap(({ alert_rule_test }) =>
        alert_rule_test.flatMap(({ alertname, exp_alerts }) => (exp_alerts.length > 0 ? [alertname] : [])),
      ),
    );
    for (const { alert, labels, annotations } of rules()) {
      assert.match(labels["severity"] ?? "", /^(page|ticket)$/, alert);
      assert.ok(annotations["summary"] && annotations["action"], alert);
      assert.ok(fired.has(alert), `${alert} has no unit test`);
    }
  });

  it("every metric has a line in docs/metrics.md", () => {
    const documented = text("docs/metrics.md");
    for (const name of Object.keys({ ...counters, ...histograms, ...gauges }))
      assert.ok(documented.includes(`| \`${name}\` |`), name);
  });
});
