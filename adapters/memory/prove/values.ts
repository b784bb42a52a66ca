/**
 * Input for a run of any flow, made up from the data dictionary: the field's example, or the simplest value its schema
 * takes. What names something registered (a merchant, a channel) names what the world in memory has.
 */
import type { Dictionary, FieldSpec } from "../../../engine/dictionary.js";
import type { Row } from "../../../engine/ports/store.js";
import { validator } from "../../../engine/schema/validate.js";

/** A value and how it is called in a script. */
export interface Candidate {
  readonly name: string;
  readonly value: unknown;
}

/** Fields that name what is registered, and those that only an institution can make. The first is the usual value. */
const registered: Readonly<Record<string, (before: Row) => readonly Candidate[]>> = {
  merchantId: () => [
    { name: "registered", value: "m1" },
    { name: "unknown", value: "nobody" },
  ],
  channel: () => [
    { name: "alpha", value: "alpha" },
    { name: "unknown", value: "nowhere" },
  ],
  currency: () => [
    { name: "CNY", value: "CNY" },
    { name: "not carried", value: "USD" },
  ],
  method: () => [
    { name: "card", value: "card" },
    { name: "not carried", value: "cheque" },
  ],
  business: () => [
    { name: "opened", value: "pay" },
    { name: "not opened", value: "lottery" },
  ],
  callbackHeaders: () => [
    { name: "genuine", value: { signature: "genuine" } },
    { name: "forged", value: { signature: "forged" } },
  ],
  callbackBody: ({ paymentId }) => [
    { name: "of the payment", value: base64(paymentId ?? "no payment of ours") },
    { name: "stray", value: base64("no payment of ours") },
  ],
};

const base64 = (text: unknown): string => Buffer.from(String(text)).toString("base64");

/** The field's value may be left to whoever sends it, or it names something that must exist. */
export const namesSomething = (field: string): boolean => Object.hasOwn(registered, field);

/**
 * What a field may be in a run that follows `before` (fields of an earlier run about the same order).
 * @throws Error when nothing can be made up: the dictionary then needs an example of the field.
 */
export function candidates(field: string, dictionary: Dictionary, before: Row): readonly Candidate[] {
  const known = Object.hasOwn(registered, field) ? registered[field] : undefined;
  const spec = Object.hasOwn(dictionary, field) ? dictionary[field] : undefined;
  if (!spec) throw new Error(`field ${field} is not in the dictionary`);
  if (known) {
    const made = known(before);
    // Somebody else's choice, made before, is the usual value.
    const carried = before[field];
    return carried === undefined ? made : [{ name: "as before", value: carried }, ...made.slice(1)];
  }
  const usual: Candidate =
    before[field] === undefined
      ? { name: "usual", value: exampleOf(field, spec) }
      : { name: "as before", value: before[field] };
  return [usual, ...bounds(spec, usual.value)];
}

/** The least and the most of a number. */
function bounds({ schema }: FieldSpec, usual: unknown): readonly Candidate[] {
  if (typeof schema !== "object" || schema.type !== "integer") return [];
  const { minimum, maximum } = schema;
  return [
    { name: "least", value: minimum },
    { name: "most", value: maximum },
  ].filter(({ value }) => value !== undefined && value !== usual);
}

const texts = (field: string): readonly string[] => [field, "a", "A", "1", "a1", "00"];

/** @throws Error when no value can be made up */
export function exampleOf(field: string, { schema, example }: FieldSpec): unknown {
  if (example !== undefined) return example;
  const valid = validator(schema);
  const found = guesses(field, schema).find((value) => valid(value).length === 0);
  if (found === undefined)
    throw new Error(`no value of field ${field} can be made up; give it an example in the dictionary`);
  return found;
}

function guesses(field: string, schema: FieldSpec["schema"]): readonly unknown[] {
  if (typeof schema !== "object") return [true];
  if (schema.enum) return schema.enum as readonly unknown[];
  if (schema.const !== undefined) return [schema.const];
  switch (schema.type) {
    case "string":
      if (schema.format === "uuid") return ["01900000-0000-7000-8000-00000000c0de"];
      if (schema.format === "http-url") return ["https://merchant.example/notify"];
      return texts(field);
    case "integer":
    case "number":
      return [schema.minimum ?? 1, 1, 0];
    case "boolean":
      return [true, false];
    case "array":
      return [[]];
    case "object": {
      const properties = Object.entries(schema.properties ?? {});
      const required = schema.required ?? [];
      const full = properties
        .filter(([name]) => required.includes(name))
        .map(([name, member]) => [name, guesses(name, member)[0]] as const);
      return [Object.fromEntries(full)];
    }
    default:
      return [null];
  }
}
