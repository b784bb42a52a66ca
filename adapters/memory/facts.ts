/** Channels in memory: as routing sees them, and as their manifests describe them. */
import type { ChannelManifest } from "../../engine/ports/channel.js";
import type { ChannelFacts } from "../../engine/ports/reference.js";

const terms = {
  methods: ["card", "qr"],
  currencies: ["CNY", "EUR"],
  amountMinorMin: 1,
  amountMinorMax: 1_000_000,
  weight: 1,
  feeBps: 0,
  feeMinorMin: 0,
};

/** A channel that takes everything and can do everything; `change` says what is different. */
export const manifestOf = (channel: string, change: Partial<ChannelManifest> = {}): ChannelManifest => ({
  channel,
  title: channel,
  operations: ["charge", "inquire", "refund", "close", "callback"],
  ...terms,
  callTimeoutMs: 5_000,
  graceMs: 3_000,
  concurrencyMax: 8,
  breaker: { failureRatio: 0.5, minimumCalls: 10, windowMs: 10_000, openForMs: 5_000 },
  ...change,
});

/** An open, live, healthy channel that takes everything; `change` says what is different. */
export const factsOf = (channel: string, change: Partial<ChannelFacts> = {}): ChannelFacts => ({
  channel,
  switch: "open",
  waiting: "reroute",
  presence: "live",
  breaker: "closed",
  ...terms,
  successRatio: 1,
  p50Ms: 0,
  p95Ms: 0,
  inFlight: 0,
  ...change,
});
