/**
 * Pass 1: text to JSON values. Comments are allowed; trailing commas and repeated keys are not, because a reader
 * and a parser would disagree about them.
 */
import { createScanner, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Node, ParseError } from "jsonc-parser";
import { limits } from "../limits.js";
import type { DefinitionFile } from "../schema/definitions.js";
import { diagnostic } from "./diagnostics.js";
import type { Place } from "./diagnostics.js";
import type { Diagnostic } from "./plan.js";

export type FileKind = "types" | "flow" | "transaction";

export interface ParsedFile {
  readonly file: string;
  readonly kind: FileKind;
  /** Absent when the file has errors: what it says is not to be relied on. */
  readonly value?: unknown;
  /** What the file is about to declare, as far as that can be told from a file with errors. */
  readonly names: readonly string[];
}

export interface ParseResult {
  readonly files: readonly ParsedFile[];
  readonly diagnostics: readonly Diagnostic[];
}

const kinds: readonly (readonly [RegExp, FileKind])[] = [
  [/^types\.json$/, "types"],
  [/^([^/]+)\.flow\.json$/, "flow"],
  [/^transactions\/([^/]+)\.json$/, "transaction"],
];

/** Deeper than any definition, shallow enough for every recursive function that will see the value. */
const depthMax = 64;

/** Files in the order of their paths, whatever order they come in. */
export function parseFiles(files: readonly DefinitionFile[]): ParseResult {
  const bytes = files.reduce((sum, file) => sum + Buffer.byteLength(file.text), 0);
  if (bytes > limits.definitionBytesMax) {
    const message = `${bytes} bytes in all files, ${limits.definitionBytesMax} are allowed`;
    return {
      files: [],
      diagnostics: [diagnostic("PARSE_TOO_LARGE", { file: files[0]!.path, at: [] }, message)],
    };
  }
  const parsed: ParsedFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const result = parseFile(file);
    if (result.file) parsed.push(result.file);
    diagnostics.push(...result.diagnostics);
  }
  return { files: parsed, diagnostics };
}

function parseFile({ path, text }: DefinitionFile): {
  readonly file?: ParsedFile;
  readonly diagnostics: readonly Diagnostic[];
} {
  const root: Place = { file: path, at: [] };
  const match = kinds
    .map(([pattern, kind]) => ({ kind, found: pattern.exec(path) }))
    .find(({ found }) => found);
  if (!match)
    return { diagnostics: [diagnostic("PARSE_FILE_UNKNOWN", root, `${path} is no definition file`)] };
  const { kind } = match;
  const fromPath = match.found?.[1] === undefined ? [] : [match.found[1]];
  const { value, diagnostics } = parseText({ path, text });
  const names = [...new Set([...fromPath, ...declaredNames(kind, value)])];
  return { file: { file: path, kind, names, ...(diagnostics.length === 0 ? { value } : {}) }, diagnostics };
}

/** `value` is what could be read; with diagnostics it is not to be relied on. */
export function parseText({ path, text }: DefinitionFile): {
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
} {
  if (depthOf(text) > depthMax) {
    const message = `more than ${depthMax} levels of { and [`;
    return {
      value: undefined,
      diagnostics: [diagnostic("PARSE_TOO_DEEP", { file: path, at: [] }, message)],
    };
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: false });
  const reader = new TreeReader(path);
  const value = tree ? reader.read(tree, []) : undefined;
  // One slip of the pen makes a parser stumble several times; only where it stumbled first is news.
  const diagnostics = errors[0] ? [syntaxError(path, text, tree, errors[0])] : reader.diagnostics;
  return { value, diagnostics };
}

/** `{"flow": "pay", ...` declares `pay` even when the rest of the file is broken. */
function declaredNames(kind: FileKind, value: unknown): readonly string[] {
  if (kind === "types" || typeof value !== "object" || value === null) return [];
  const name = (value as Readonly<Record<string, unknown>>)[kind];
  return typeof name === "string" ? [name] : [];
}

/** Counted with the scanner, which does not recurse: the parser would run out of stack on hostile text. */
function depthOf(text: string): number {
  const scanner = createScanner(text, true);
  let depth = 0;
  let deepest = 0;
  for (;;) {
    scanner.scan();
    if (scanner.getTokenLength() === 0 && scanner.getPosition() >= text.length) return deepest;
    const first = text[scanner.getTokenOffset()];
    if (first === "{" || first === "[") deepest = Math.max(deepest, ++depth);
    if (first === "}" || first === "]") depth--;
  }
}

function syntaxError(file: string, text: string, tree: Node | undefined, error: ParseError): Diagnostic {
  const before = text.slice(0, error.offset).split("\n");
  const where = `line ${before.length}, column ${before.at(-1)!.length + 1}`;
  const at = tree ? pathAt(tree, error.offset) : [];
  return diagnostic("PARSE_SYNTAX", { file, at }, `${printParseErrorCode(error.error)} at ${where}`);
}

/** The innermost value that begins before the offset and holds it. */
function pathAt(node: Node, offset: number): readonly (string | number)[] {
  for (const [index, child] of (node.children ?? []).entries()) {
    const holds = child.offset <= offset && offset <= child.offset + child.length;
    if (!holds) continue;
    if (node.type === "array") return [index, ...pathAt(child, offset)];
    const [key, value] = child.children ?? [];
    if (key?.value !== undefined && offset >= key.offset + key.length) {
      return [key.value as string, ...(value ? pathAt(value, offset) : [])];
    }
  }
  return [];
}

class TreeReader {
  readonly diagnostics: Diagnostic[] = [];
  constructor(private readonly file: string) {}

  read(node: Node, at: readonly (string | number)[]): unknown {
    if (node.type === "array")
      return (node.children ?? []).map((child, index) => this.read(child, [...at, index]));
    if (node.type === "object") return this.readObject(node, at);
    if (typeof node.value === "number" && !Number.isFinite(node.value)) {
      this.report("PARSE_SYNTAX", at, "a number larger than any number");
    }
    return node.value as unknown;
  }

  private readObject(node: Node, at: readonly (string | number)[]): unknown {
    const members = new Map<string, unknown>();
    for (const { children: [key, value] = [] } of node.children ?? []) {
      if (typeof key?.value !== "string" || !value) continue;
      const name = key.value;
      if (members.has(name)) this.report("PARSE_KEY_DUPLICATE", [...at, name], `"${name}" stands here twice`);
      if (name === "__proto__")
        this.report("PARSE_KEY_FORBIDDEN", [...at, name], `"${name}" cannot be a key`);
      members.set(name, this.read(value, [...at, name]));
    }
    return Object.fromEntries(members);
  }

  private report(
    code: "PARSE_SYNTAX" | "PARSE_KEY_DUPLICATE" | "PARSE_KEY_FORBIDDEN",
    at: Place["at"],
    message: string,
  ): void {
    this.diagnostics.push(diagnostic(code, { file: this.file, at }, message));
  }
}
