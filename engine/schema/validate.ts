/** The engine's only contact with ajv: JSON Schema (draft 7) as a function from a value to what is wrong with it. */
import { Ajv } from "ajv";
import type { ErrorObject, ValidateFunction } from "ajv";
import type { JSONSchema } from "json-schema-to-ts";

export interface SchemaError {
  /** The schema keyword that failed: `type`, `required`, `pattern` ... */
  readonly keyword: string;
  /** JSON pointer to the value, or to the object that lacks something. */
  readonly pointer: string;
  readonly message: string;
  /** The property that is missing, not allowed or badly named. */
  readonly property?: string;
}

/** An empty answer means valid. */
export type Validator = (value: unknown) => readonly SchemaError[];

const isHttpUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === "http:" || protocol === "https:";
};

/** The formats the dictionary may use. Another one is a broken build: ajv refuses the schema. */
const formats = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  "http-url": isHttpUrl,
} as const;

function createAjv(useDefaults: boolean): Ajv {
  return new Ajv({
    allErrors: true,
    useDefaults,
    strictSchema: true,
    strictRequired: false,
    strictTypes: false,
    strictTuples: false,
    formats,
  });
}

/** Errors that only repeat another one: `if` says that `then` failed, `propertyNames` has the name's own error inside. */
const isEcho = (error: ErrorObject): boolean =>
  error.keyword === "if" || (error.propertyName !== undefined && error.keyword !== "propertyNames");

const propertyOf = ({ params }: ErrorObject): string | undefined => {
  const named = params as { missingProperty?: string; additionalProperty?: string; propertyName?: string };
  return named.missingProperty ?? named.additionalProperty ?? named.propertyName;
};

function schemaError(error: ErrorObject): SchemaError {
  const property = propertyOf(error);
  const allowed = (error.params as { allowedValues?: readonly unknown[] }).allowedValues;
  const message = allowed ? `must be one of ${allowed.join(", ")}` : (error.message ?? error.keyword);
  return {
    keyword: error.keyword,
    pointer: error.instancePath,
    message,
    ...(property === undefined ? {} : { property }),
  };
}

function createValidator(ajv: Ajv, schema: JSONSchema): Validator {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    const validate = (compiled ??= ajv.compile(schema as object | boolean));
    if (validate(value)) return [];
    return (validate.errors ?? []).filter((error) => !isEcho(error)).map(schemaError);
  };
}

const checking = createAjv(false);
const filling = createAjv(true);

/** Checks and never changes the value. A schema object is compiled once per process, when it is first needed. */
export const validator = (schema: JSONSchema): Validator => createValidator(checking, schema);

/** Checks, and writes the schema's `default`s into the value it is given. */
export const fillingValidator = (schema: JSONSchema): Validator => createValidator(filling, schema);
