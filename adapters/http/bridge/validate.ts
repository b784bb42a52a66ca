/** Bodies against the active definitions. Schemas are compiled once per definition set, never per request. */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { Dictionary } from "../../../engine/dictionary.js";
import type { ErrorCode, Problem } from "../../../engine/errors.js";
import type { Row } from "../../../engine/ports/store.js";
import type { ActiveType, Catalogue } from "../../../engine/registry/catalogue.js";
import { refuse } from "../answer.js";
import { bodyFields, bodySchema } from "./bodySchema.js";
import { formats } from "./formats.js";

/** @throws Refusal with the code of the first mistake in body order; `errors` lists them all. */
export type ValidateBody = (active: ActiveType, body: Row) => void;

export function createValidateBody(
  catalogue: Catalogue,
  dictionary: Dictionary,
  systemFields: readonly string[],
): ValidateBody {
  let version = -1;
  let ajv = createAjv();
  const compiled = new Map<string, ValidateFunction>();

  return (active, body) => {
    if (catalogue.version !== version) {
      // A new instance, because ajv never forgets a schema.
      ajv = createAjv();
      compiled.clear();
      version = catalogue.version;
    }
    let validate = compiled.get(active.type);
    if (!validate) {
      validate = ajv.compile(bodySchema(bodyFields(active, dictionary, systemFields)));
      compiled.set(active.type, validate);
    }
    if (!validate(body)) throw refusalOf(validate.errors ?? [], body, dictionary);
  };
}

/** `ownProperties`: a field is there when the sender wrote it, not when Object.prototype has it. */
const createAjv = (): Ajv =>
  new Ajv({ allErrors: true, strict: true, ownProperties: true, formats: { ...formats } });

interface Mistake {
  readonly code: ErrorCode;
  readonly pointer: string;
  readonly message: string;
  readonly position: number;
}

/** An answer lists no more mistakes than a person reads, and repeats no names longer than that. */
const mistakesMax = 50;
const pointerCharsMax = 200;

function refusalOf(errors: readonly ErrorObject[], body: Row, dictionary: Dictionary): Error {
  const names = Object.keys(body);
  const mistakes = errors
    .map((error) => mistakeOf(error, names, dictionary))
    // Stable: mistakes of one field stay in the order of its schema; what is missing comes after what is there.
    .sort((a, b) => a.position - b.position);
  const first = mistakes[0];
  if (!first) return refuse("field_invalid", "The body does not fit this transaction type.");
  const listed: NonNullable<Problem["errors"]> = mistakes
    .slice(0, mistakesMax)
    .map(({ pointer, message }) => ({ pointer: pointer.slice(0, pointerCharsMax), message }));
  return refuse(first.code, `${listed[0]?.pointer}: ${first.message}`, listed);
}

function mistakeOf(error: ErrorObject, names: readonly string[], dictionary: Dictionary): Mistake {
  const params = error.params as Readonly<Record<string, unknown>>;
  const lost = params["missingProperty"] ?? params["additionalProperty"];
  const pointer =
    typeof lost === "string" ? `${error.instancePath}/${escapePointer(lost)}` : error.instancePath;
  const field = unescapePointer(pointer.split("/", 2)[1] ?? "");
  const position = names.indexOf(field);
  return {
    code: codeOf(error, pointer, field, dictionary),
    pointer,
    message: messageOf(error),
    position: position < 0 ? names.length : position,
  };
}

function codeOf(error: ErrorObject, pointer: string, field: string, dictionary: Dictionary): ErrorCode {
  if (error.keyword === "required") return "field_missing";
  if (error.keyword === "additionalProperties") return "field_unknown";
  // A field's own codes are about its value, not about something inside it.
  const own =
    pointer.lastIndexOf("/") === 0 && Object.hasOwn(dictionary, field) ? dictionary[field] : undefined;
  return own?.problems?.[error.keyword] ?? (error.keyword === "type" ? "field_type" : "field_invalid");
}

function messageOf(error: ErrorObject): string {
  if (error.keyword === "required") return "is required";
  if (error.keyword === "additionalProperties") return "is not a field of this transaction type";
  return error.message ?? "is not valid";
}

const escapePointer = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
const unescapePointer = (token: string): string => token.replaceAll("~1", "/").replaceAll("~0", "~");
