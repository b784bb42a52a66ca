/** One feature of a bus, and how a row of the table is written. */

export const busNames = ["postgres", "amqp", "nats"] as const;
export type BusName = (typeof busNames)[number];

/**
 * `native`: the component does it. `emulated`: we do it above the component; the product cannot tell the difference.
 * `unsupported`: not there; `lacks` says what follows.
 */
export type Support = "native" | "emulated" | "unsupported";

export interface Offer {
  readonly support: Support;
  /** What does it. */
  readonly how: string;
  /** What follows where something of it is lacking. */
  readonly lacks?: string;
  /** Cases that show it on this bus, besides those of the feature. */
  readonly shown?: readonly string[];
}

export interface Feature {
  readonly name: string;
  /** Titles of cases that run on every bus that has it. */
  readonly shown: readonly string[];
  readonly on: Readonly<Record<BusName, Offer>>;
}

type More = Omit<Offer, "support" | "how">;
export const native = (how: string, more: More = {}): Offer => ({ support: "native", how, ...more });
export const emulated = (how: string, more: More = {}): Offer => ({ support: "emulated", how, ...more });
export const unsupported = (how: string, lacks: string): Offer => ({ support: "unsupported", how, lacks });
/** The same on both brokers: made by the relay above them. */
export const relayed = (how: string, more: More = {}): Pick<Feature["on"], "amqp" | "nats"> => ({
  amqp: emulated(how, more),
  nats: emulated(how, more),
});
