/** Every contestant, ready to be measured. */
import { type LoadSettings, measureServer, type Measurement } from "../measurement.js";
import type { ContestantName } from "./contestant.js";
import { measureFloor } from "./floor.js";
import { bullmq, dbos } from "./peers.js";
import { valence } from "./valence.js";

/** @throws Error that says which variable to set */
function urlIn(variable: string): string {
  const url = process.env[variable];
  if (url === undefined || url === "") throw new Error(`${variable} is not set; npm run bench sets it`);
  return url;
}

/** Measures once. @throws Error when the contestant cannot be started */
export function measure(name: ContestantName, settings: LoadSettings): Promise<Measurement> {
  switch (name) {
    case "valence-postgres":
      return measureServer(valence(undefined), settings);
    case "valence-nats":
      return measureServer(valence(urlIn("TEST_NATS_URL")), settings);
    case "valence-amqp":
      return measureServer(valence(urlIn("TEST_AMQP_URL")), settings);
    case "dbos":
      return measureServer(dbos, settings);
    case "bullmq":
      return measureServer(bullmq(urlIn("TEST_REDIS_URL")), settings);
    case "floor":
      return measureFloor(settings);
  }
}
