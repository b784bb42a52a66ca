import { brokerFaults } from "../../../../contract/broker-faults.js";
import { ownAmqpWorld } from "../../../../support/amqp-world.js";

brokerFaults("RabbitMQ", () => ownAmqpWorld({ heartbeatMs: 1_000, sendMsMax: 5_000 }));
