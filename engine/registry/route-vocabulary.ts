/** What may be written in a routing condition, with types and meanings: for editors that complete as one types. Pure. */
import { celTypeOf, type CelType } from "../conditions.js";
import type { ChannelFacts } from "../ports/reference.js";
import { type ChannelMember, channelMembers, routeDictionary, routeFields } from "./route-conditions.js";

export interface RouteWord {
  /** As it is written: `amount`, `channel.feeBps`. */
  readonly name: string;
  readonly type: CelType;
  readonly meaning: string;
  /** Values met today, for a text or a list of texts; a rule may compare with others, too. */
  readonly values?: readonly string[];
}

export interface RouteVocabulary {
  /** For `when` and `where`. */
  readonly fields: readonly RouteWord[];
  /** For `where` only. */
  readonly facts: readonly RouteWord[];
}

const fieldMeanings: Readonly<Record<(typeof routeFields)[number], string>> = {
  merchantId: "The merchant",
  type: "Transaction type",
  amount: "Amount in minor units of the currency",
  currency: "ISO 4217 currency code",
  method: "How the payer wants to pay; empty text when the order leaves it open",
  business: "The business the order belongs to; empty text when it names none",
};

const factMeanings: Readonly<Record<ChannelMember, string>> = {
  name: "Name of the channel",
  methods: "Methods it offers",
  currencies: "Currencies it takes",
  amountMinorMin: "The least it takes, in minor units",
  amountMinorMax: "The most it takes, in minor units",
  weight: "Its own weight; 0 takes part only where it is named",
  feeBps: "Its fee in hundredths of a per cent of the amount",
  feeMinorMin: "The least a payment costs there, in minor units",
  feeMinor: "What this order would cost there, in minor units",
  successRatio: "Share of charges that succeeded or are pending, lately; 0.0 to 1.0",
  p50Ms: "Median time of a charge lately, in milliseconds",
  p95Ms: "Time within which 95 of 100 charges ended lately, in milliseconds",
  inFlight: "Charges under way there now",
};

type Values = Readonly<Record<string, readonly string[]>>;

/** `types`: the transaction types in force. */
export function routeVocabulary(
  channels: readonly ChannelFacts[],
  types: readonly string[],
): RouteVocabulary {
  const currencies = sorted(channels.flatMap((facts) => facts.currencies));
  const methods = sorted(channels.flatMap((facts) => facts.methods));
  const names = sorted(channels.map(({ channel }) => channel));
  const fieldValues: Values = { type: sorted(types), currency: currencies, method: methods };
  const factValues: Values = { name: names, methods, currencies };
  return {
    fields: routeFields.map((name) => ({
      name,
      type: celTypeOf(routeDictionary[name]?.schema),
      meaning: fieldMeanings[name],
      ...valuesOf(fieldValues[name]),
    })),
    facts: (Object.keys(channelMembers) as ChannelMember[]).map((name) => ({
      name: `channel.${name}`,
      type: channelMembers[name],
      meaning: factMeanings[name],
      ...valuesOf(factValues[name]),
    })),
  };
}

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

const valuesOf = (values: readonly string[] | undefined): Pick<RouteWord, "values"> =>
  values === undefined ? {} : { values };
