import { limits } from "../engine/limits.js";
import type { ChannelManifest } from "../engine/ports/channel.js";

/**
 * From when on "I have never seen it" is an institution's answer and not a race, epoch milliseconds. What was begun at
 * `sentAt` may have been written until its send window closed, by a host whose clock differs from that of who asks;
 * the institution may then take its grace time to execute it.
 */
export const absentFromMs = (sentAt: number, { graceMs }: Pick<ChannelManifest, "graceMs">): number =>
  sentAt + limits.sendWindowMs + limits.clockSkewMsMax + graceMs;
