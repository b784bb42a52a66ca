/** What a channel's folder exports, and what it is given. */
import type { ChannelDriver, ChannelManifest } from "../../engine/ports/channel.js";
import type { ChannelSettings } from "./channel-settings.js";

export interface ChannelOptions {
  /** Of `channel.json`. */
  readonly manifest: ChannelManifest;
  /** What `channel.json` declares under `settings`, validated and complete. */
  readonly settings: ChannelSettings;
  /** Charges under way at a time, so connections worth keeping for them. */
  readonly connections: number;
}

/** `index.ts` of a channel's folder. */
export interface ChannelModule {
  createDriver(options: ChannelOptions): ChannelDriver;
}
