/** A message as people may see it. Pure. */
import { type Dictionary, maskFields, maskValue } from "../dictionary.js";
import type { Row } from "../ports/store.js";

/** What an engine message says about itself; all the rest belongs to payer and merchant. */
const envelope: ReadonlySet<string> = new Set([
  ...["runId", "flow", "planHash", "type", "stage", "hop", "acceptedAtMs", "entries", "signalsSeen"],
  ...["republished", "signalId", "signal"],
]);

/**
 * The body with its `fields` masked by the dictionary. It may be no engine message at all, which is why it died: what is
 * not known to be harmless is not shown.
 */
export function maskMessage(dictionary: Dictionary, body: Row): Row {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      if (name === "fields" && isObject(value)) return [name, maskFields(dictionary, value)];
      return [name, envelope.has(name) && isHarmless(value) ? value : maskValue(value)];
    }),
  );
}

const isObject = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A scalar, or counts by name. */
const isHarmless = (value: unknown): boolean =>
  isObject(value)
    ? Object.values(value).every((count) => typeof count === "number")
    : typeof value !== "object";
