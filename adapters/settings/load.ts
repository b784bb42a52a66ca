/** The settings of a process, validated as a whole before anything is started. */
import { fileURLToPath } from "node:url";
import { ValenceError } from "../../engine/errors.js";
import { allSettings, type PartialSettings, type Settings } from "./schema.js";
import { fromEnvironment, fromFile, fromObject, type Given } from "./sources.js";
import { keyErrors, relationErrors } from "./validate.js";

export interface SettingsOptions {
  /** `--config FILE`: settings that differ from the defaults. */
  readonly configFile?: string;
  /** Usually `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the command line says; it wins over everything. */
  readonly overrides?: PartialSettings;
  /** What this command prefers over the defaults; whatever is configured anywhere wins over it. */
  readonly presets?: PartialSettings;
  /** Default: `config/default.json` of this build. */
  readonly defaultsFile?: string;
}

/** From dist/adapters/settings. */
const shippedDefaults = fileURLToPath(new URL("../../../config/default.json", import.meta.url));

function assemble(given: ReadonlyMap<string, Given>, channel: Settings["channel"]): Settings {
  const sections: Record<string, Record<string, unknown>> = {};
  for (const { key, section, name } of allSettings) (sections[section] ??= {})[name] = given.get(key)?.value;
  for (const section of Object.values(sections)) Object.freeze(section);
  return Object.freeze({ ...sections, channel }) as unknown as Settings;
}

/** Channel by channel, key by key: the later wins. */
const merged = (sum: Settings["channel"], more: Settings["channel"]): Settings["channel"] => ({
  ...sum,
  ...Object.fromEntries(Object.entries(more).map(([name, values]) => [name, { ...sum[name], ...values }])),
});

/** @throws ValenceError `settings_invalid`; its detail has one line for every error there is. Secrets are masked. */
export function loadSettings(options: SettingsOptions = {}): Settings {
  const sources = [
    fromFile(options.defaultsFile ?? shippedDefaults),
    fromObject(options.presets ?? {}, "this command's presets"),
    ...(options.configFile === undefined ? [] : [fromFile(options.configFile)]),
    fromEnvironment(options.env ?? {}),
    fromObject(options.overrides ?? {}, "the command line"),
  ];
  const given = new Map(sources.flatMap((source) => [...source.given]));
  const errors = [...sources.flatMap((source) => source.errors), ...keyErrors(given)];
  const channel = sources.reduce<Settings["channel"]>((sum, source) => merged(sum, source.channel ?? {}), {});
  const settings = assemble(given, channel);
  if (errors.length === 0) errors.push(...relationErrors(settings));
  if (errors.length > 0) throw new ValenceError("settings_invalid", errors.join("\n"));
  return settings;
}
