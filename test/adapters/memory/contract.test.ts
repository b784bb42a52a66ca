/** The bus and the store that simulations run on keep what the real ones keep. */
import { memoryCapabilities } from "../../../adapters/memory/bus.js";
import { relayedCapabilities } from "../../../engine/relay/relayed-bus.js";
import { busContract } from "../../contract/bus/index.js";
import { housekeepingContract } from "../../contract/housekeeping.js";
import { storeContract } from "../../contract/store.js";
import { memoryWorld, relayedMemoryWorld } from "../../support/memory/contract-world.js";

const memoryTraits = { kind: "memory", dedupeWindowMs: 0, countsUnsettled: true };

storeContract("memory", { open: memoryWorld, processes: "many" });
housekeepingContract("memory", { open: memoryWorld, processes: "many" });
busContract("memory", { open: memoryWorld, processes: "many", capabilities: memoryCapabilities });
busContract("memory, a broker beside the database", {
  open: relayedMemoryWorld,
  processes: "many",
  capabilities: relayedCapabilities(memoryTraits),
});
