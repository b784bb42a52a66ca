/** Channels that are nothing but a manifest: folders for `channels.dir`, on the simulated institution's driver. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ChannelManifest } from "../../engine/ports/channel.js";

export type ManifestChange = Partial<Omit<ChannelManifest, "channel">>;

/** A new temporary folder with one channel for each entry, which says what is different about it. */
export function simulatedChannels(channels: Readonly<Record<string, ManifestChange>>): string {
  const dir = mkdtempSync(path.join(tmpdir(), "valence-channels-"));
  for (const [channel, change] of Object.entries(channels)) {
    mkdirSync(path.join(dir, channel));
    const manifest = { ...usual, ...change, channel, title: channel, driver: "simulator" };
    writeFileSync(path.join(dir, channel, "channel.json"), JSON.stringify(manifest));
  }
  return dir;
}

/** Patience, concurrency and breaker as the shipped channels have them. */
const usual = {
  methods: ["card"],
  currencies: ["CNY"],
  operations: ["charge", "inquire", "refund", "close", "callback"],
  amountMinorMin: 1,
  amountMinorMax: 1_000_000,
  weight: 1,
  feeBps: 30,
  feeMinorMin: 0,
  callTimeoutMs: 5_000,
  graceMs: 3_000,
  concurrencyMax: 64,
  breaker: { failureRatio: 0.5, minimumCalls: 20, windowMs: 10_000, openForMs: 5_000 },
} as const satisfies ManifestChange;
