/** The flag `--bus`: which Valence is measured. */
import type { Start } from "../contestants/contestant.js";
import { startOf } from "../contestants/index.js";
import { UsageError } from "../options.js";

const buses = ["postgres", "nats", "amqp"] as const;

export const busFlag = { bus: { preset: "postgres", help: `of ${buses.join(", ")}` } } as const;

/** @throws UsageError */
export function startOn(bus: string): Start {
  const known = buses.find((each) => each === bus);
  if (known === undefined) throw new UsageError(`there is no bus ${bus}; there are ${buses.join(", ")}`);
  return startOf(`valence-${known}`);
}
