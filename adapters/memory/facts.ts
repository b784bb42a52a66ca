/** Channels as routing sees them. */
import type { ChannelFacts } from "../../engine/ports/reference.js";

/** An open, live, healthy channel that takes everything; `change` says what is different. */
export const factsOf = (channel: string, change: Partial<ChannelFacts> = {}): ChannelFacts => ({
  channel,
  switch: "open",
  waiting: "reroute",
  presence: "live",
  breaker: "closed",
  methods: ["card", "qr"],
  currencies: ["CNY", "EUR"],
  amountMinorMin: 1,
  amountMinorMax: 1_000_000,
  weight: 1,
  feeBps: 0,
  feeMinorMin: 0,
  successRatio: 1,
  p50Ms: 0,
  p95Ms: 0,
  inFlight: 0,
  ...change,
});
