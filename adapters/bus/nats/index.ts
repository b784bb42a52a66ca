export { createNatsBroker, type NatsBrokerOptions } from "./broker.js";
