/** A defect put into a simulation from outside: a wrapped port or a replaced function. The shipped code knows nothing of it. */
import type { WebhookSender } from "../../engine/ports/delivery.js";
import type { Bus } from "../../engine/ports/bus.js";
import type { ChannelDriver } from "../../engine/ports/channel.js";
import type { BatchWriter, CommitResult, Store, Unit } from "../../engine/ports/store.js";
import type { MemoryWriter } from "../../adapters/memory/database.js";

export interface Plant {
  readonly wire?: (wire: MemoryWriter) => MemoryWriter;
  readonly lane?: (writer: BatchWriter) => { commit(unit: Unit): Promise<CommitResult> };
  readonly store?: (store: Store, bus: Bus) => Store;
  readonly driver?: (driver: ChannelDriver) => ChannelDriver;
  readonly webhooks?: (webhooks: WebhookSender) => WebhookSender;
}

export const sound: Plant = {};
