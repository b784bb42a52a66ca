import { brokerContract } from "../../../contract/broker.js";
import { natsWorld } from "../../../support/nats-world.js";

brokerContract("NATS", () => natsWorld());
