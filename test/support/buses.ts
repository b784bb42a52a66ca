/** Every bus there is, as the settings that choose it: `postgres` is what is used when nothing is said. */
import { brokerKinds, brokerUrl, freshNamespace } from "./brokers.js";

export interface BusKind {
  readonly name: "PostgreSQL" | "RabbitMQ" | "NATS JetStream";
  /** Settings of a system of its own there. @throws Error that says how to get the broker */
  settings(): Readonly<Record<string, string>>;
}

export const busKinds: readonly BusKind[] = [
  { name: "PostgreSQL", settings: () => ({}) },
  ...brokerKinds.map((kind) => ({
    name: kind.name,
    settings: () => ({ VALENCE_BUS_URL: brokerUrl(kind), VALENCE_BUS_NAMESPACE: freshNamespace() }),
  })),
];

/** For tests that take long: `npm run verify` goes through all of them, `npm test` takes the first. */
export const busKindsNow: readonly BusKind[] =
  process.env["VALENCE_VERIFY"] === "1" ? busKinds : busKinds.slice(0, 1);
