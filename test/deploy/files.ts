/** The files under deploy/ and compose.yaml, parsed. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { counters, gauges, histograms } from "../../adapters/telemetry/catalogue.js";
import { root } from "../support/checkout.js";

export const text = (file: string): string => readFileSync(path.join(root, file), "utf8");

/** YAML with merge keys, as compose reads it. */
export const yaml = <T>(file: string): T => parse(text(file), { merge: true }) as T;

export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const rules = (): readonly Rule[] =>
  yaml<{ groups: readonly { readonly rules: readonly Rule[] }[] }>(
    "deploy/prometheus/rules.yml",
  ).groups.flatMap((group) => group.rules);

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

export const panels = (): readonly Panel[] =>
  (JSON.parse(text("deploy/grafana/valence.json")) as { panels: readonly Panel[] }).panels;

/** Names under which a metric of the catalogue appears in PromQL. */
export const exposedNames: ReadonlySet<string> = new Set([
  ...Object.keys(counters),
  ...Object.keys(gauges),
  ...Object.keys(histograms).flatMap((name) => [`${name}_bucket`, `${name}_sum`, `${name}_count`]),
]);

/** Metrics of ours that an expression names. */
export const metricsIn = (expression: string): readonly string[] => [
  ...new Set(expression.match(/\bvalence_[a-z_]+/g) ?? []),
];

/** Label names of a metric that an expression selects by or groups by, as far as they can be read off its text. */
export const labelsOf = (exposed: string): readonly string[] => {
  const name = exposed.replace(/_(bucket|sum|count)$/, "");
  const spec = { ...counters, ...gauges, ...histograms }[name as keyof typeof counters];
  return spec.labels;
};
