/** A paid order in a world in memory, and what refunds have made of it. */
import assert from "node:assert/strict";
import type { Row } from "../../../engine/ports/store.js";
import { World, type WorldOptions } from "./world.js";

export const notifyUrl = "https://merchant.example/notify";

/** A world in which order A-1 over 1000 is paid, through alpha. */
export async function paidWorld(options: WorldOptions = {}): Promise<World> {
  const world = await World.create(options);
  world.submit({ notifyUrl });
  await world.drain();
  assert.equal(world.order()?.["status"], "paid");
  world.replies.length = 0;
  world.webhooks.sent.length = 0;
  return world;
}

export const refund = (world: World, merchantRefundId: string, amount: number, more: Row = {}): string =>
  world.submit({ merchantRefundId, amount, ...more }, "refund");
export const refunds = (world: World): readonly Row[] => world.database.rows("refunds");
export const told = (world: World): readonly { readonly type: string; readonly data: Row }[] =>
  world.webhooks.sent.map(({ body }) => JSON.parse(body) as { type: string; data: Row });
export const sumsOf = (world: World): readonly unknown[] => {
  const { refundReserved, refunded } = world.payments()[0] ?? {};
  return [refundReserved, refunded, world.order()?.["refunded"]];
};
