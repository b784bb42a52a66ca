import { brokerContract } from "../../../contract/broker.js";
import { amqpWorld } from "../../../support/amqp-world.js";

brokerContract("RabbitMQ", () => amqpWorld());
