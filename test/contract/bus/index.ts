/** What every bus has to keep, whichever broker carries the messages: the JMS semantics of the bus port. */
import type { BusCapabilities } from "../../../engine/ports/bus.js";
import type { World } from "../world.js";
import { broadcastCases } from "./broadcast.js";
import { consumersCases } from "./consumers.js";
import { deliveryCases } from "./delivery.js";
import type { BusName } from "./feature.js";
import { leasesCases } from "./leases.js";
import { lettersCases } from "./letters.js";
import { betweenProcesses } from "./processes.js";
import { recordFailure, reportFeatures } from "./report.js";
import { BusSuite } from "./suite.js";
import { topicsCases } from "./topics.js";

export interface BusUnderTest {
  readonly open: () => Promise<World>;
  readonly processes: "one" | "many";
  readonly capabilities: BusCapabilities;
}

export function busContract(name: string, { open, processes, capabilities }: BusUnderTest): void {
  reportFeatures();
  const bus: BusName = name === "RabbitMQ" ? "amqp" : name === "NATS JetStream" ? "nats" : "postgres";
  // The table is about what the product runs on.
  const reported = !name.startsWith("memory");
  describe(`bus contract: ${name}`, () => {
    afterEach(function () {
      if (reported && this.currentTest?.state === "failed") recordFailure(bus, this.currentTest.title);
    });
    const suite = new BusSuite(open, capabilities);
    before(async function () {
      // PGlite makes itself a database first, which takes seconds.
      this.timeout(60_000);
      await suite.open();
    });
    after(() => suite.close());

    deliveryCases(suite);
    consumersCases(suite);
    lettersCases(suite);
    topicsCases(suite);
    broadcastCases(suite);
    if (capabilities.transactional) leasesCases(suite);
    if (processes === "many") betweenProcesses(suite);
  });
}
