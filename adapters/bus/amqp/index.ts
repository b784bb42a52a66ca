export { amqpTraits, createAmqpBroker } from "./broker.js";
export type { AmqpBrokerOptions } from "./options.js";
