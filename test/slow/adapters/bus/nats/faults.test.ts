import { brokerFaults } from "../../../../contract/broker-faults.js";
import { ownNatsWorld } from "../../../../support/nats-world.js";

brokerFaults("NATS", () => ownNatsWorld({ ackWaitMs: 3_000 }));
