/**
 * DBOS Transact, the API process: Fastify and a DBOSClient.
 *
 * Chosen for speed: `enqueueInTransaction`, so that order, payment, intent and the enqueued workflow are one commit
 * (with a plain `enqueue` the workflow would need a step of its own for the rows: two commits more). The client shares
 * the process's one pool. The workflow id is the order id: a repeated order is the same workflow.
 */
import { DBOSClient } from "@dbos-inc/dbos-sdk";
import { insertOrder, merchantCache, openPool } from "../shared/database.js";
import { serveApi } from "../shared/api.js";
import type { Order } from "../shared/order.js";
import { settings } from "../shared/settings.js";
import { applicationName, queueName, workflowName } from "./queue.js";

const pool = openPool();
const client = await DBOSClient.create({
  systemDatabaseUrl: settings.databaseUrl,
  systemDatabasePool: pool,
  applicationName,
});

async function accept(order: Order): Promise<void> {
  const connection = await pool.connect();
  try {
    await connection.query("begin");
    if (await insertOrder(connection, order))
      await client.enqueueInTransaction(
        connection,
        { queueName, workflowName, workflowID: order.orderId },
        order,
      );
    await connection.query("commit");
    connection.release();
  } catch (error) {
    // Whatever state it is in, it is not used again.
    connection.release(true);
    throw error;
  }
}

await serveApi({
  merchantOf: merchantCache(pool),
  accept,
  close: async () => {
    await client.destroy();
    await pool.end();
  },
});
