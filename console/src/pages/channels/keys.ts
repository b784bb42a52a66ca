/** What react-query knows the channels by; whoever switches one makes them read anew. */
export const channelsKey = ["channels"] as const;
export const drainKey = (channel: string): readonly string[] => ["channels", channel, "drain"];
