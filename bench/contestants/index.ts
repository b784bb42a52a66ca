/** Every contestant, ready to be measured. */
import { type LoadSettings, measureServer, type Measurement } from "../measurement.js";
import type { ContestantName, Start } from "./contestant.js";
import { measureFloor } from "./floor.js";
import { bullmq, dbos } from "./peers.js";
import { valence } from "./valence.js";

/** @throws Error that says which variable to set */
function urlIn(variable: string): string {
  const url = process.env[variable];
  if (url === undefined || url === "") throw new Error(`${variable} is not set; npm run bench sets it`);
  return url;
}

/** How one that serves HTTP is started. @throws Error when the server it needs is not there */
export function startOf(name: Exclude<ContestantName, "floor">): Start {
  switch (name) {
    case "valence-postgres":
      return valence(undefined);
    case "valence-nats":
      return valence(urlIn("TEST_NATS_URL"));
    case "valence-amqp":
      return valence(urlIn("TEST_AMQP_URL"));
    case "dbos":
      return dbos;
    case "bullmq":
      return bullmq(urlIn("TEST_REDIS_URL"));
  }
}

/** Measures once. @throws Error when the contestant cannot be started */
export const measure = (name: ContestantName, settings: LoadSettings): Promise<Measurement> =>
  name === "floor" ? measureFloor(settings) : measureServer(startOf(name), settings);
