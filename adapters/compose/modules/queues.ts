/** The queues modules serve. */
import { channelOf } from "./names.js";

export const channelQueues = (channel: string): { readonly charges: string; readonly follow: string } => ({
  charges: `channel.${channel}`,
  follow: `channel.${channel}.follow`,
});

/** Queues a module serves, patterns allowed; for the registry. */
export function queuesOf(name: string): readonly string[] {
  if (name === "flow") return ["flow.*"];
  if (name === "notify") return ["notify"];
  if (name === "feed") return ["feed.*"];
  const channel = channelOf(name);
  if (channel === undefined) return [];
  const { charges, follow } = channelQueues(channel);
  return [charges, follow];
}
