/**
 * BullMQ, the API process: Fastify, one SQL statement, one job, then 202.
 *
 * Chosen for speed: order, payment and intent in one prepared statement (one commit); the whole order travels in the job,
 * so that the worker reads nothing; jobs are removed when done; ioredis pipelines what one turn of the loop sends.
 *
 * Safe on kill -9: the order is durable before the job, and Redis (appendfsync always) has written the job before it
 * answers; without a 202 the merchant sends the order again, and the job's id is the order's, so it exists once.
 */
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { insertOrder, merchantCache, openPool } from "../shared/database.js";
import { serveApi } from "../shared/api.js";
import { connection, prefix, queueName, type PayJob } from "./queue.js";

const pool = openPool();
const redis = new Redis({ ...connection, enableAutoPipelining: true });
const queue = new Queue<PayJob>(queueName, {
  connection: redis,
  prefix,
  defaultJobOptions: {
    removeOnComplete: true,
    removeOnFail: false,
    attempts: 20,
    backoff: { type: "fixed", delay: 1_000 },
  },
});

async function isSettled(orderId: string): Promise<boolean> {
  const { rowCount } = await pool.query("select from orders where order_id = $1 and status <> 'processing'", [
    orderId,
  ]);
  return rowCount === 1;
}

await serveApi({
  merchantOf: merchantCache(pool),
  accept: async (order) => {
    const fresh = await insertOrder(pool, order);
    if (!fresh && (await isSettled(order.orderId))) return;
    await queue.add("pay", { order, repeated: !fresh }, { jobId: order.orderId });
  },
  close: async () => {
    await queue.close();
    redis.disconnect();
    await pool.end();
  },
});
