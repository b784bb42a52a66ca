/**
 * A channel's own settings: where its institution is, under which account, with which secrets. `channel.json` declares
 * them; values come, the later wins, from the declaration's `default`, the system's presets, `with` in `channel.json`,
 * the section `channel` of the settings file (`{ "channel": { "acme-eu": { "baseUrl": … } } }`) and the environment: key `baseUrl` of channel `acme-eu` is `VALENCE_CHANNEL_ACME_EU_BASE_URL`.
 */
import { ValenceError } from "../../engine/errors.js";

export type SettingValue = string | number | boolean;

export interface SettingSpec {
  readonly type: "string" | "integer" | "boolean";
  readonly description: string;
  /** Absent: somebody has to say. */
  readonly default?: SettingValue;
  /** Of the text. */
  readonly pattern?: string;
  /** Never shown in messages. */
  readonly secret?: boolean;
}

export type SettingSpecs = Readonly<Record<string, SettingSpec>>;
type Values = Readonly<Record<string, SettingValue>>;

export class ChannelSettings {
  constructor(private readonly values: Values) {}

  text(key: string): string {
    return this.#get(key, "string") as string;
  }

  integer(key: string): number {
    return this.#get(key, "number") as number;
  }

  flag(key: string): boolean {
    return this.#get(key, "boolean") as boolean;
  }

  /** What the manifest does not declare cannot be asked for: that is a fault of the driver. */
  #get(key: string, type: string): SettingValue {
    const value = this.values[key];
    if (value === undefined || typeof value !== type)
      throw new Error(`channel.json declares no ${type} setting ${key}`);
    return value;
  }
}

const upper = (name: string): string =>
  name
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .replaceAll("-", "_")
    .toUpperCase();

export const variableOf = (channel: string, key: string): string =>
  `VALENCE_CHANNEL_${upper(channel)}_${upper(key)}`;

function readText({ type }: SettingSpec, text: string): SettingValue {
  if (type === "integer" && /^-?\d+$/.test(text)) return Number(text);
  if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return text;
}

function problem(spec: SettingSpec, value: SettingValue): string | undefined {
  const { type, pattern } = spec;
  const fits = type === "integer" ? Number.isSafeInteger(value) : typeof value === type;
  if (!fits) return `must be ${type === "string" ? "text" : `a ${type}`}`;
  if (pattern === undefined || new RegExp(pattern, "u").test(String(value))) return undefined;
  return `must match ${pattern}`;
}

export interface SettingSources {
  readonly presets?: Values;
  readonly given?: Values;
  readonly file?: Values;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** @throws ValenceError `settings_invalid`, one line for every key that is wrong. Secrets are not shown. */
export function resolveSettings(
  channel: string,
  specs: SettingSpecs,
  { presets = {}, given = {}, file = {}, env = {} }: SettingSources,
): ChannelSettings {
  const errors = Object.entries({ with: given, file }).flatMap(([source, entries]) =>
    Object.keys(entries)
      .filter((key) => !Object.hasOwn(specs, key))
      .map((key) => `channel ${channel}: ${source}.${key}: there is no such setting`),
  );
  const values: Record<string, SettingValue> = {};
  for (const [key, spec] of Object.entries(specs)) {
    const variable = variableOf(channel, key);
    const text = env[variable];
    const value =
      text === undefined ? (file[key] ?? given[key] ?? presets[key] ?? spec.default) : readText(spec, text);
    const where = `channel ${channel}: ${key} (${variable}; ${spec.description})`;
    if (value === undefined) {
      errors.push(`${where}: missing`);
      continue;
    }
    const wrong = problem(spec, value);
    if (wrong !== undefined)
      errors.push(`${where}: ${wrong}; given ${spec.secret ? "***" : JSON.stringify(value)}`);
    values[key] = value;
  }
  if (errors.length > 0) throw new ValenceError("settings_invalid", errors.join("\n"));
  return new ChannelSettings(values);
}
