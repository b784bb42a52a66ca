/**
 * Which fields an integrator sends for a transaction type, as one JSON Schema made of the dictionary's. The validator
 * and the OpenAPI document are both made of this, so that they cannot disagree.
 */
import type { JSONSchema } from "json-schema-to-ts";
import type { Dictionary, FieldSpec } from "../../../engine/dictionary.js";
import { invariant } from "../../../engine/limits.js";
import type { ActiveType } from "../../../engine/registry/catalogue.js";

export interface BodyField {
  readonly name: string;
  readonly spec: FieldSpec;
  readonly required: boolean;
}

/** The flow's `input` and `optional` without what the engine adds and what the type presets, in the flow's order. */
export function bodyFields(
  active: ActiveType,
  dictionary: Dictionary,
  systemFields: readonly string[],
): readonly BodyField[] {
  const added = new Set([...systemFields, ...Object.keys(active.set)]);
  const { input, optional } = active.plan;
  return [...new Set([...input, ...optional])]
    .filter((name) => !added.has(name))
    .map((name) => {
      const spec = dictionary[name];
      invariant(
        spec,
        `the plan of type ${active.type} names the field ${name}, which the dictionary does not have`,
      );
      return { name, spec, required: input.includes(name) };
    });
}

export interface BodySchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, JSONSchema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** `present` may dress a field's schema, with title and example for instance. */
export const bodySchema = (
  fields: readonly BodyField[],
  present: (field: BodyField) => JSONSchema = (field) => field.spec.schema,
): BodySchema => ({
  type: "object",
  properties: Object.fromEntries(fields.map((field) => [field.name, present(field)])),
  required: fields.filter((field) => field.required).map((field) => field.name),
  additionalProperties: false,
});

/** Types of the bridge's own, which no integrator can ask for: `channel.callback`. */
const internalPrefix = "channel.";

/** A flow that starts with an `orderId` acts on an order there is: what starts it has a path of its own. */
export const actsOnOrder = ({ plan }: ActiveType): boolean => plan.input.includes("orderId");

/** By `POST /v1/transactions/{type}`. */
export const isCallable = (active: ActiveType): boolean =>
  !active.type.startsWith(internalPrefix) && !actsOnOrder(active);
