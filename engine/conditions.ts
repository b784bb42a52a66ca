/**
 * Conditions are CEL (https://cel.dev), checked against the data dictionary when configuration is loaded, so that a
 * run never meets a condition nobody has type-checked. The engine's only contact with the CEL library.
 */
import { Environment } from "@marcbachmann/cel-js";
import type { ASTNode, ParseResult } from "@marcbachmann/cel-js";
import type { JSONSchema } from "json-schema-to-ts";
import type { Dictionary } from "./dictionary.js";
import { ValenceError } from "./errors.js";

/** A CEL type name: `string`, `double`, `bool`, `list<string>`, `map<string, dyn>`, `dyn` ... */
export type CelType = string;

export interface Condition {
  readonly source: string;
  /** The fields the condition looks at, sorted. Variables it binds itself (`tags.exists(t, ...)`) are not fields. */
  readonly reads: readonly string[];
  /**
   * @throws ValenceError `step_failed` for what types cannot rule out: an absent key of a map, text that is no
   *   timestamp. Every field of `reads` must be present.
   */
  evaluate(fields: Readonly<Record<string, unknown>>): boolean;
}

/** A part of a text, in UTF-16 units from its beginning; `end` is the first that does not belong to it. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export type ConditionResult =
  | { readonly ok: true; readonly condition: Condition }
  /** `range`: the part of the source that is wrong; absent: all of it. */
  | { readonly ok: false; readonly message: string; readonly range?: TextRange };

const scalarTypes: Readonly<Record<string, CelType>> = {
  string: "string",
  // JavaScript has one number type and CEL has three; the library takes a JavaScript number for a double.
  integer: "double",
  number: "double",
  boolean: "bool",
};

/** The CEL type of the values a JSON Schema admits; `dyn` where the schema leaves it open. */
export function celTypeOf(schema: JSONSchema | undefined): CelType {
  if (schema === undefined || typeof schema === "boolean" || typeof schema.type !== "string") return "dyn";
  if (schema.type === "array") {
    const items = schema.items as JSONSchema | undefined;
    return `list<${Array.isArray(items) ? "dyn" : celTypeOf(items)}>`;
  }
  if (schema.type === "object") {
    const open = schema.properties === undefined && schema.patternProperties === undefined;
    return `map<string, ${open ? celTypeOf(schema.additionalProperties) : "dyn"}>`;
  }
  return scalarTypes[schema.type] ?? "dyn";
}

/** Free variables: descends the syntax tree, leaving out what a macro binds. */
function collectReads(node: ASTNode, bound: ReadonlySet<string>, found: Map<string, ASTNode[]>): void {
  const visit = (child: ASTNode, names = bound): void => collectReads(child, names, found);
  const binding = (variable: ASTNode | undefined): ReadonlySet<string> =>
    variable?.op === "id" ? new Set([...bound, variable.args]) : bound;
  switch (node.op) {
    case "id":
      if (!bound.has(node.args)) found.set(node.args, [...(found.get(node.args) ?? []), node]);
      return;
    case "value":
      return;
    case ".":
    case ".?":
      return visit(node.args[0]);
    case "!_":
    case "-_":
      return visit(node.args);
    case "call":
      return node.args[1].forEach((argument) => visit(argument));
    case "rcall": {
      const [method, receiver, args] = node.args;
      if (isBind(method, receiver)) {
        if (args[1]) visit(args[1]);
        if (args[2]) visit(args[2], binding(args[0]));
        return;
      }
      visit(receiver);
      if (!macros.has(method)) return args.forEach((argument) => visit(argument));
      return args.slice(1).forEach((argument) => visit(argument, binding(args[0])));
    }
    case "map":
      return node.args.flat().forEach((child) => visit(child));
    default:
      return node.args.forEach((child) => visit(child));
  }
}

const macros: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter"]);
const isBind = (method: string, receiver: ASTNode): boolean =>
  method === "bind" && receiver.op === "id" && receiver.args === "cel";

/** CEL has constants of its own (`type`, `int`, `list` ...); a field of that name travels under another one. */
const bare = new Environment({ unlistedVariablesAreDyn: false });
const isReserved = (name: string): boolean => bare.hasVariable(name);
const aliasOf = (name: string): string => (isReserved(name) ? `field__${name}` : name);

interface Aliased {
  readonly text: string;
  /** Where in the source an offset of `text` stands; within a replaced name: where that name begins. */
  sourceOffset(offset: number): number;
}

function aliased(source: string, reads: ReadonlyMap<string, readonly ASTNode[]>, known: Variables): Aliased {
  const places = [...reads]
    .filter(([name]) => isReserved(name) && known.has(name))
    .flatMap(([name, nodes]) => nodes.map(({ start, end }) => ({ alias: aliasOf(name), start, end })))
    .sort((a, b) => a.start - b.start);
  const text = places.reduceRight(
    (result, { alias, start, end }) => result.slice(0, start) + alias + result.slice(end),
    source,
  );
  const sourceOffset = (offset: number): number => {
    let longer = 0;
    for (const { alias, start, end } of places) {
      if (offset <= start + longer) break;
      if (offset < start + longer + alias.length) return start;
      longer += alias.length - (end - start);
    }
    return offset - longer;
  };
  return { text, sourceOffset };
}

type Variables = ReadonlyMap<string, CelType | CelMembers>;

function variablesOf(
  dictionary: Dictionary,
  extra: Readonly<Record<string, CelType | CelMembers>>,
): Variables {
  const fields = Object.entries(dictionary).map(([name, field]) => [name, celTypeOf(field.schema)] as const);
  return new Map<string, CelType | CelMembers>([...fields, ...Object.entries(extra)]);
}

/** The type of a variable with members (`channel.feeBps`); a member that is not named does not check. */
export type CelMembers = Readonly<Record<string, CelType>>;

/** `extra` adds variables that are no fields: facts a router knows, say. They count among `reads`. */
export function compileCondition(
  source: string,
  dictionary: Dictionary,
  extra: Readonly<Record<string, CelType | CelMembers>> = {},
): ConditionResult {
  const known = variablesOf(dictionary, extra);
  let sourceOffset: Aliased["sourceOffset"] = (offset) => offset;
  const refused = (error: unknown): ConditionResult => ({
    ok: false,
    message: explain(error),
    ...rangeOf(error, source, sourceOffset),
  });
  try {
    const found = new Map<string, ASTNode[]>();
    collectReads(bare.parse(source).ast, new Set(), found);
    const reads = [...found.keys()].filter((name) => known.has(name) || !isReserved(name)).sort();
    const unknown = reads.find((name) => !known.has(name));
    if (unknown !== undefined) {
      const [{ start, end } = { start: 0, end: source.length }] = found.get(unknown) ?? [];
      return { ok: false, message: `there is no field "${unknown}"`, range: { start, end } };
    }

    const environment = new Environment({ unlistedVariablesAreDyn: false });
    for (const name of reads) {
      const type = known.get(name)!;
      if (typeof type === "string") environment.registerVariable(aliasOf(name), type);
      else environment.registerVariable({ name: aliasOf(name), schema: type });
    }
    const alias = aliased(source, found, known);
    sourceOffset = alias.sourceOffset;
    const program = environment.parse(alias.text);
    const checked = program.check();
    if (!checked.valid) return refused(checked.error);
    if (checked.type !== "bool") return { ok: false, message: notBoolean(checked.type) };
    const fields = reads.filter((name) => typeof known.get(name) === "string");
    return {
      ok: true,
      condition: { source, reads, evaluate: evaluator(source, program, reads, new Set(fields)) },
    };
  } catch (error) {
    return refused(error);
  }
}

/** The library says where, unless the mistake is the condition as a whole. */
function rangeOf(
  error: unknown,
  source: string,
  sourceOffset: Aliased["sourceOffset"],
): { readonly range?: TextRange } {
  const { range } = Object(error) as { readonly range?: TextRange };
  if (range === undefined) return {};
  const start = Math.min(sourceOffset(range.start), source.length);
  // An end that points at a single place marks what stands there: an editor cannot underline nothing.
  const end = Math.min(Math.max(sourceOffset(range.end), start + 1), source.length);
  return { range: { start: Math.min(start, Math.max(0, end - 1)), end } };
}

/**
 * JSON as the library takes it. Objects travel as Maps: of a plain object it asks the `constructor` for the type, and a
 * key of that name is the merchant's to choose.
 */
function celValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(celValue);
  return new Map(Object.entries(value).map(([key, member]) => [key, celValue(member)]));
}

/** `json`: the names whose values are anybody's JSON; the others are objects of ours with members. */
function evaluator(
  source: string,
  program: ParseResult,
  reads: readonly string[],
  json: ReadonlySet<string>,
): Condition["evaluate"] {
  const names = reads.map((name) => [name, aliasOf(name)] as const);
  return (fields) => {
    const context: Record<string, unknown> = {};
    for (const [name, alias] of names)
      context[alias] = json.has(name) ? celValue(fields[name]) : fields[name];
    let value: unknown;
    try {
      value = program(context);
    } catch (cause) {
      throw new ValenceError("step_failed", `condition ${source}: ${explain(cause)}`, { cause });
    }
    if (typeof value !== "boolean")
      throw new ValenceError("step_failed", `condition ${source} is not true or false`);
    return value;
  };
}

const notBoolean = (type: string | undefined): string =>
  type === "dyn"
    ? "its type is not known before it runs; compare it with something"
    : `it is a ${type ?? "value"}; a condition must be true or false`;

/** The library's message without its picture of the source, and what to do about the mistake everybody makes once. */
function explain(error: unknown): string {
  const summary = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  const mixesNumbers = /\bdouble\b/.test(summary) && /\bu?int\b/.test(summary);
  return mixesNumbers ? `${summary}; numbers of the run are doubles: write 1.0, not 1` : summary;
}
