/** What the API process and the worker agree on. */
import type { Order } from "../shared/order.js";
import { settings } from "../shared/settings.js";

export const queueName = "payments";
/** Of all keys: each measurement has its own. */
export const prefix = process.env["PEER_PREFIX"] ?? "bench";

export interface PayJob {
  readonly order: Order;
  /** The order was submitted before: somebody may have begun to charge it. */
  readonly repeated: boolean;
}

const url = new URL(settings.redisUrl);
/** `maxRetriesPerRequest: null`: commands wait for a Redis that is away, as BullMQ's documentation asks of workers. */
export const connection = {
  host: url.hostname,
  port: Number(url.port),
  password: decodeURIComponent(url.password),
  maxRetriesPerRequest: null,
} as const;
