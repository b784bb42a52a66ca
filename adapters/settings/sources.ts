/** Where settings come from, in rising order: the defaults' file, the operator's file, environment, command line. */
import { readFileSync } from "node:fs";
import { parse, printParseErrorCode, type ParseError } from "jsonc-parser";
import { allSettings, type ChannelSection, type Setting } from "./schema.js";

/** A value and who gave it. */
export interface Given {
  readonly value: unknown;
  /** For messages: a file's path, `VALENCE_BRIDGE_PORT`, `the command line`. */
  readonly from: string;
}

export interface Source {
  readonly given: ReadonlyMap<string, Given>;
  /** The section `channel`. */
  readonly channel?: ChannelSection;
  /** What cannot be a setting at all, one line each. */
  readonly errors: readonly string[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `{ bridge: { port: 1 } }`, any part of it. */
export function fromObject(content: unknown, from: string): Source {
  const given = new Map<string, Given>();
  if (!isObject(content)) return { given, errors: [`${from}: must be a JSON object of sections`] };
  const errors: string[] = [];
  const { channel, ...sections } = content;
  const channels = channel === undefined ? {} : channelSection(channel);
  if (!channels)
    errors.push(`${from}: channel: must be { "<channel>": { "<key>": text, number or boolean } }`);
  for (const [section, entries] of Object.entries(sections)) {
    if (!isObject(entries)) {
      errors.push(`${from}: ${section}: must be a section, an object of settings`);
      continue;
    }
    for (const [name, value] of Object.entries(entries)) {
      const key = `${section}.${name}`;
      if (allSettings.some((setting) => setting.key === key)) given.set(key, { value, from });
      else errors.push(`${from}: ${key}: there is no such setting`);
    }
  }
  return { given, errors, ...(channels ? { channel: channels } : {}) };
}

function channelSection(value: unknown): ChannelSection | undefined {
  const primitive = (each: unknown): boolean => ["string", "number", "boolean"].includes(typeof each);
  const sound = (each: unknown): boolean => isObject(each) && Object.values(each).every(primitive);
  return isObject(value) && Object.values(value).every(sound) ? (value as ChannelSection) : undefined;
}

/** A JSON file; comments and trailing commas are welcome. */
export function fromFile(file: string): Source {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    return {
      given: new Map(),
      errors: [`${file}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? "error"})`],
    };
  }
  const problems: ParseError[] = [];
  const content: unknown = parse(text, problems, { allowTrailingComma: true });
  if (problems.length === 0) return fromObject(content, file);
  return {
    given: new Map(),
    errors: problems.map(({ error, offset }) => {
      const line = text.slice(0, offset).split("\n").length;
      return `${file}:${line}: not JSON (${printParseErrorCode(error)})`;
    }),
  };
}

/** Variables of the same family that are no settings: the client's own, those of channels, of the test command. */
const otherVariables = /^VALENCE_(ADMIN_URL|VERIFY|TEST_[A-Z_]+|CHANNEL_[A-Z0-9_]+)$/;

/** Text that does not read as the setting's type stays text, so that validation shows what was given. */
function read({ spec }: Setting, text: string): unknown {
  if (spec.type === "integer" && /^-?\d+$/.test(text)) return Number(text);
  if (spec.type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return text;
}

/** `VALENCE_*`. A name that fits no setting is an error: it would be a typing error that nobody notices. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Source {
  const given = new Map<string, Given>();
  const errors: string[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith("VALENCE_") || otherVariables.test(variable)) continue;
    const setting = allSettings.find((candidate) => candidate.variable === variable);
    if (setting) given.set(setting.key, { value: read(setting, text), from: variable });
    else errors.push(`${variable}: there is no such setting`);
  }
  return { given, errors };
}
