import { amqpTraits } from "../../../adapters/bus/amqp/index.js";
import { natsTraits } from "../../../adapters/bus/nats/index.js";
import { relayedCapabilities } from "../../../engine/relay/relayed-bus.js";
import { busContract } from "../../contract/bus/index.js";
import { brokerKinds, brokersAt } from "../../support/brokers.js";
import { freshDatabase } from "../../support/postgres.js";
import { relayedWorld } from "../../support/relayed-world.js";

for (const kind of brokerKinds) {
  busContract(kind.name, {
    open: () => relayedWorld(freshDatabase, brokersAt(kind)),
    processes: "many",
    capabilities: relayedCapabilities(kind.name === "RabbitMQ" ? amqpTraits : natsTraits),
  });
}
