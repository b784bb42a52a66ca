/**
 * BullMQ, the worker process: hand-written SQL, as many jobs at a time as there are orders in flight and more.
 *
 * Chosen for speed: concurrency far above what waits at once (the documentation's advice for work that waits on I/O);
 * one prepared statement for result, order and notification (one commit); job completion in Redis is what remembers that
 * the merchant was told.
 *
 * Safe on kill -9: a job whose worker died is stalled and runs again, however often (`maxStalledCount`). A job that was
 * started before, or whose order was submitted before, may have charged: it inquires first. No lock is lost while a
 * worker lives, because it renews them; if one were, the second run inquires after the first one's call has ended.
 */
import { Worker } from "bullmq";
import { charge } from "../shared/channel.js";
import { createTables, openPool, settleOrder } from "../shared/database.js";
import { merchant } from "../shared/merchant.js";
import { notify } from "../shared/notify.js";
import { connection, prefix, queueName, type PayJob } from "./queue.js";

const pool = openPool();
await createTables(pool, merchant);

const worker = new Worker<PayJob>(
  queueName,
  async ({ data: { order, repeated }, attemptsStarted }) => {
    const channelOrderId = await charge(order, !repeated && attemptsStarted <= 1);
    await settleOrder(pool, order, channelOrderId);
    await notify(order, channelOrderId);
  },
  { connection, prefix, concurrency: 256, maxStalledCount: 1_000 },
);
worker.on("error", (error) => process.stderr.write(`${error.message}\n`));
worker.on("failed", (job, error) => process.stderr.write(`${job?.id ?? "?"}: ${error.message}\n`));
await worker.waitUntilReady();

process.once("SIGTERM", () => {
  void worker
    .close()
    .then(() => pool.end())
    .then(() => process.exit(0));
});
process.stdout.write("ready {}\n");
