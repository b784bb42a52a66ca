/** The queues modules serve. */

export const channelQueues = (channel: string): { readonly charges: string; readonly follow: string } => ({
  charges: `channel.${channel}`,
  follow: `channel.${channel}.follow`,
});

/** Queues a module serves, patterns allowed; for the registry. */
export function queuesOf(name: string): readonly string[] {
  if (name === "flow") return ["flow.*"];
  if (name === "notify") return ["notify"];
  if (name === "feed") return ["feed.*"];
  if (!name.startsWith("channel:")) return [];
  const { charges, follow } = channelQueues(name.slice("channel:".length));
  return [charges, follow];
}
