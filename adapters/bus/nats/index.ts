export { createNatsBroker, type NatsBrokerOptions, natsTraits } from "./broker.js";
