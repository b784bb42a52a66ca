/** What the benchmark tells a peer, by environment. */

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}

export const settings = {
  databaseUrl: required("PEER_DATABASE_URL"),
  /** Connections this process may hold. */
  databaseConnections: Number(required("PEER_DATABASE_CONNECTIONS")),
  channelUrl: required("PEER_CHANNEL_URL"),
  channelSecret: required("PEER_CHANNEL_SECRET"),
  webhookSecret: required("PEER_WEBHOOK_SECRET"),
  redisUrl: process.env["PEER_REDIS_URL"] ?? "",
} as const;
