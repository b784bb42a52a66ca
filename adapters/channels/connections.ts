/**
 * The connections of one channel, in two lanes: charges that hang keep their own connections busy and none of those
 * through which we find out what happened.
 */
import { Pool } from "undici";

/** Keep-alive below that of common servers: usually we are the one who closes an idle connection. */
const idleTimeoutMs = 4_000;
/** Inquiries, refunds and closes under way at a time; further ones wait for their turn within their call timeout. */
const followConnections = 32;

export type Lane = "charge" | "follow";

export class Connections {
  readonly origin: string;
  readonly #lanes: Readonly<Record<Lane, Pool>>;

  /** @param charges so many that no admitted charge waits for one. */
  constructor(baseUrl: string, charges: number, connectTimeoutMs: number) {
    this.origin = new URL(baseUrl).origin;
    const pool = (connections: number): Pool =>
      new Pool(this.origin, {
        connections,
        pipelining: 1,
        connectTimeout: connectTimeoutMs,
        keepAliveTimeout: idleTimeoutMs,
        keepAliveMaxTimeout: idleTimeoutMs,
        // One clock rules the whole call: the one in `exchange`.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
    this.#lanes = { charge: pool(charges), follow: pool(followConnections) };
  }

  lane(lane: Lane): Pool {
    return this.#lanes[lane];
  }

  /** Waits for calls under way. */
  async close(): Promise<void> {
    const open = Object.values(this.#lanes).filter((pool) => !pool.closed && !pool.destroyed);
    await Promise.all(open.map((pool) => pool.close()));
  }
}
