/** Pass 2: JSON values to definitions, checked against the schemas in `engine/schema`. One mistake, one error. */
import type { FlowDefinition, TransactionDefinition, TypesFile } from "../schema/definitions.js";
import { flowSchema, transactionSchema, typesSchema } from "../schema/files.js";
import { validator } from "../schema/validate.js";
import type { SchemaError, Validator } from "../schema/validate.js";
import { diagnostic } from "./diagnostics.js";
import type { DiagnosticCode } from "./diagnostics.js";
import type { FileKind, ParsedFile } from "./parse.js";
import type { Diagnostic } from "./plan.js";

export interface Located<T> {
  readonly file: string;
  readonly definition: T;
}

export interface Shapes {
  readonly types: readonly Located<TypesFile>[];
  readonly flows: readonly Located<FlowDefinition>[];
  readonly transactions: readonly Located<TransactionDefinition>[];
  /** Names that exist in files with errors: a reference to one is no mistake of its own. */
  readonly broken: { readonly flows: ReadonlySet<string>; readonly transactions: ReadonlySet<string> };
  readonly diagnostics: readonly Diagnostic[];
}

const validators: Readonly<Record<FileKind, Validator>> = {
  types: validator(typesSchema),
  flow: validator(flowSchema),
  transaction: validator(transactionSchema),
};

const codes: Readonly<Record<string, DiagnosticCode>> = {
  type: "SHAPE_TYPE",
  required: "SHAPE_MISSING",
  additionalProperties: "SHAPE_EXTRA",
  propertyNames: "SHAPE_NAME",
};

export function checkShapes(files: readonly ParsedFile[]): Shapes {
  const diagnostics: Diagnostic[] = [];
  const sound = (kind: FileKind): readonly ParsedFile[] =>
    files.filter((file) => file.kind === kind && !broken.has(file));
  const brokenNames = (kind: FileKind): ReadonlySet<string> =>
    new Set([...broken].filter((file) => file.kind === kind).flatMap((file) => file.names));

  const broken = new Set(files.filter((file) => !("value" in file)));
  for (const file of files) {
    if (broken.has(file)) continue;
    const errors = validators[file.kind](file.value);
    if (errors.length > 0) broken.add(file);
    diagnostics.push(...errors.map((error) => shapeError(file.file, error)));
  }
  const located = <T>({ file, value }: ParsedFile): Located<T> => ({ file, definition: value as T });
  return {
    types: sound("types").map((file) => located<TypesFile>(file)),
    flows: sound("flow").map((file) => located<FlowDefinition>(file)),
    transactions: sound("transaction").map((file) => located<TransactionDefinition>(file)),
    broken: { flows: brokenNames("flow"), transactions: brokenNames("transaction") },
    diagnostics,
  };
}

/** What a schema error says, and where. */
export function shapeError(file: string, error: SchemaError): Diagnostic {
  const code = codes[error.keyword] ?? "SHAPE_VALUE";
  // What is missing has no place; everything else that has a name does.
  const property = code === "SHAPE_EXTRA" || code === "SHAPE_NAME" ? error.property : undefined;
  const place = { file, at: [...segmentsOf(error.pointer), ...(property === undefined ? [] : [property])] };
  return diagnostic(code, place, messageOf(error, place.at));
}

function messageOf(error: SchemaError, at: readonly (string | number)[]): string {
  if (error.keyword === "additionalProperties") return `"${error.property}" is not known here`;
  if (error.keyword === "propertyNames") return `"${error.property}" is not a name`;
  return `${at.at(-1) ?? "the file"} ${error.message}`;
}

/** The keys of an RFC 6901 pointer. */
export const segmentsOf = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
