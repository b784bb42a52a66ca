/** One picture of a channel from what is configured and what its modules report. Pure. */
import type { ChannelManifest } from "../ports/channel.js";
import type { ChannelFacts, ChannelPresence } from "../ports/reference.js";

/** A module that was heard of this recently lives; they report about once a second. */
export const liveMsMax = 5_000;
/** A module that went without a word may be on its way back for this long: a restart, a cut connection. */
export const missingMsMax = 60_000;

/** What one module of a channel reported last. */
export interface ChannelReport {
  readonly instance: string;
  readonly breaker: ChannelFacts["breaker"];
  /** Charges the figures are made of. */
  readonly calls: number;
  readonly successRatio: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly inFlight: number;
  readonly beatAgoMs: number;
}

/** What the configuration says of a channel. Manifests of older modules lack what was added later. */
export interface ChannelConfig extends Pick<ChannelFacts, "channel" | "switch" | "waiting"> {
  readonly redirectTo: string | null;
  readonly manifest: Partial<ChannelManifest>;
}

export function channelFacts(config: ChannelConfig, reports: readonly ChannelReport[]): ChannelFacts {
  const { channel, manifest, redirectTo } = config;
  const { weight, feeBps, feeMinorMin } = manifest as Partial<
    Record<"weight" | "feeBps" | "feeMinorMin", number>
  >;
  const live = reports.filter(({ beatAgoMs }) => beatAgoMs <= liveMsMax);
  return {
    channel,
    switch: config.switch,
    ...(redirectTo === null ? {} : { redirectTo }),
    waiting: config.waiting,
    presence: presenceOf(live.length, reports),
    breaker: breakerOf(live),
    methods: manifest.methods ?? [],
    currencies: manifest.currencies ?? [],
    amountMinorMin: manifest.amountMinorMin ?? 1,
    amountMinorMax: manifest.amountMinorMax ?? Number.MAX_SAFE_INTEGER,
    weight: weight ?? 1,
    feeBps: feeBps ?? 0,
    feeMinorMin: feeMinorMin ?? 0,
    successRatio: weighted(live, ({ successRatio }) => successRatio, 1),
    p50Ms: weighted(live, ({ p50Ms }) => p50Ms, 0),
    p95Ms: Math.max(0, ...live.map(({ p95Ms }) => p95Ms)),
    inFlight: live.reduce((sum, { inFlight }) => sum + inFlight, 0),
  };
}

function presenceOf(live: number, reports: readonly ChannelReport[]): ChannelPresence {
  if (live > 0) return "live";
  return reports.some(({ beatAgoMs }) => beatAgoMs <= missingMsMax) ? "missing" : "gone";
}

/** A module whose breaker is closed does the work of the others, which take none while theirs is open. */
function breakerOf(live: readonly ChannelReport[]): ChannelFacts["breaker"] {
  if (live.length === 0 || live.some(({ breaker }) => breaker === "closed")) return "closed";
  return live.some(({ breaker }) => breaker === "half-open") ? "half-open" : "open";
}

/** Mean over the calls; `none` while there were none. */
function weighted(
  reports: readonly ChannelReport[],
  value: (report: ChannelReport) => number,
  none: number,
): number {
  const calls = reports.reduce((sum, report) => sum + report.calls, 0);
  return calls === 0 ? none : reports.reduce((sum, report) => sum + value(report) * report.calls, 0) / calls;
}
