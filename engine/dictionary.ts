/**
 * The data dictionary: every datum that atoms, messages, API and console exchange, declared once.
 * The engine knows the mechanism; the fields of this product stand in `atoms/fields.ts`.
 */
import type { JSONSchema } from "json-schema-to-ts";
import type { ErrorCode } from "./errors.js";

/** How a field is shown and kept: `open` as is, `mask` never shown whole, `seal` encrypted at rest and masked. */
export type FieldClass = "open" | "mask" | "seal";

export interface FieldSpec {
  /** What it means and in which unit; becomes the description in OpenAPI. */
  readonly title: string;
  readonly schema: JSONSchema;
  readonly class?: FieldClass;
  /** A person writes it, by releasing a parked run, and nobody else: it says what was decided. */
  readonly decision?: true;
  /** Problem codes for schema keywords that fail, where the general codes would say less (`minimum` -> ...). */
  readonly problems?: Readonly<Record<string, ErrorCode>>;
  readonly example?: unknown;
}

export type Dictionary = Readonly<Record<string, FieldSpec>>;

const visibleTail = 4;

/** `"6222021234567890"` -> `"************7890"`; anything that is not text becomes `"***"`. */
export function maskValue(value: unknown): string {
  if (typeof value !== "string" || value.length <= visibleTail) return "***";
  return "*".repeat(value.length - visibleTail) + value.slice(-visibleTail);
}

/** A copy of `fields` in which everything classed `mask` or `seal` is unreadable. Unknown names are masked too. */
export function maskFields(
  dictionary: Dictionary,
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      // A field named like a member of Object has no declaration either.
      const spec = Object.hasOwn(dictionary, name) ? dictionary[name] : undefined;
      return [name, spec && (spec.class ?? "open") === "open" ? value : maskValue(value)];
    }),
  );
}
