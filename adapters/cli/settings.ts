/** The settings of a process as its command line, environment and files say. */
import { loadSettings, type PartialSettings, type Settings } from "../settings/index.js";
import type { SystemOptions } from "./options.js";

/** @throws ValenceError `settings_invalid` */
export function settingsFrom(options: SystemOptions, presets: PartialSettings = {}): Settings {
  return loadSettings({
    env: process.env,
    presets,
    overrides: {
      ...(options.data === undefined ? {} : { data: { dir: options.data } }),
      ...(options.database === undefined ? {} : { database: { url: options.database } }),
      ...(options.bus === undefined ? {} : { bus: { url: options.bus } }),
    },
    ...(options.config === undefined ? {} : { configFile: options.config }),
  });
}
