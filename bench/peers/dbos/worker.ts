/**
 * DBOS Transact, the worker process: executes the workflow `pay` from a queue.
 *
 * Chosen for speed:
 * - Queue: only a `workerConcurrency`, no global limit, so that dequeuing takes many workflows in one READ COMMITTED
 *   transaction with SKIP LOCKED; polled every 10 ms (the default of 1 s would be all of the latency).
 * - Steps: charge, settle, notify; order, payment and intent are written when the workflow is enqueued (api.ts).
 * - Settle is a step with one statement that is idempotent by itself. A datasource transaction would add a lookup, a
 *   row and two round trips to make it so, and commit as often.
 * - The system database is the application's own (one server, one WAL, one fsync), pools are merged into one.
 *
 * Safe on kill -9: DBOS runs every workflow that had begun again at the next start. A charge may have been sent by then:
 * any order accepted before this process started is inquired about before it is charged (there is one worker).
 */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { charge } from "../shared/channel.js";
import { createTables, openPool, settleOrder } from "../shared/database.js";
import { notify } from "../shared/notify.js";
import type { Order } from "../shared/order.js";
import { settings } from "../shared/settings.js";
import { merchant } from "../shared/merchant.js";
import { applicationName, queueName, workflowName } from "./queue.js";

const startedAtMs = Date.now();
const pool = openPool();
const again = { retriesAllowed: true, maxAttempts: 10, intervalSeconds: 1 } as const;

async function pay(order: Order): Promise<void> {
  let first = order.acceptedAtMs > startedAtMs;
  const channelOrderId = await DBOS.runStep(
    () => {
      const untouched = first;
      first = false;
      return charge(order, untouched);
    },
    { name: "charge", ...again },
  );
  await DBOS.runStep(() => settleOrder(pool, order, channelOrderId), { name: "settle", ...again });
  await DBOS.runStep(() => notify(order, channelOrderId), { name: "notify", ...again });
}
DBOS.registerWorkflow(pay, { name: workflowName });

await createTables(pool, merchant);
DBOS.setConfig({
  name: applicationName,
  systemDatabaseUrl: settings.databaseUrl,
  systemDatabasePool: pool,
  logLevel: "warn",
});
await DBOS.launch();
await DBOS.registerQueue(queueName, { workerConcurrency: 128, minPollingIntervalMs: 10 });

process.once("SIGTERM", () => {
  void DBOS.shutdown()
    .then(() => pool.end())
    .then(() => process.exit(0));
});
process.stdout.write("ready {}\n");
