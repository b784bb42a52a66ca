/** The conformance suite of the Broker port: what can be tried in a moment. Whatever breaks is in broker-faults.ts. */
import type { BrokerWorld } from "./broker-world.js";

export function brokerContract(name: string, world: { open(): Promise<BrokerWorld> }): void {
  describe(`broker contract: ${name}`, () => {
    void world;
  });
}
