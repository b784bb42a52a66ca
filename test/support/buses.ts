/** Every bus there is, as the settings that choose it: `postgres` is what is used when nothing is said. */
import { brokerKinds, busSettings } from "./brokers.js";

export interface BusKind {
  readonly name: "PostgreSQL" | "RabbitMQ" | "NATS JetStream";
  /** Settings of a system of its own there. @throws Error that says how to get the broker */
  settings(): Readonly<Record<string, string>>;
}

export const busKinds: readonly BusKind[] = [
  { name: "PostgreSQL", settings: () => ({}) },
  ...brokerKinds.map((kind) => ({
    name: kind.name,
    settings: () => busSettings(kind),
  })),
];

/** `npm run verify`: everything on every bus. `npm test`: each promise once. */
export const verifying = process.env["VALENCE_VERIFY"] === "1";

/** A test of the full matrix alone. */
export const whenVerifying: (title: string, test: Mocha.AsyncFunc) => unknown = verifying
  ? it
  : () => undefined;

/** For tests that take long: all of them when verifying, else the first. */
export const busKindsNow: readonly BusKind[] = verifying ? busKinds : busKinds.slice(0, 1);

/** A suite of the full matrix alone. */
export const describeInVerify: (title: string, suite: (this: Mocha.Suite) => void) => unknown = verifying
  ? describe
  : () => undefined;
