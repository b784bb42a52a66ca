/** The settings of a process as its command line, environment and files say. */
import { ValenceError } from "../../engine/errors.js";
import { loadSettings, type PartialSettings, type Settings } from "../settings/index.js";
import type { SystemOptions } from "./options.js";

/** @throws ValenceError `settings_invalid`, also for a bus this build has no adapter for */
export function settingsFrom(options: SystemOptions, presets: PartialSettings = {}): Settings {
  const settings = loadSettings({
    env: process.env,
    presets,
    overrides: {
      ...(options.data === undefined ? {} : { data: { dir: options.data } }),
      ...(options.database === undefined ? {} : { database: { url: options.database } }),
      ...(options.bus === undefined ? {} : { bus: { url: options.bus } }),
    },
    ...(options.config === undefined ? {} : { configFile: options.config }),
  });
  if (settings.bus.url !== "postgres") {
    throw new ValenceError(
      "settings_invalid",
      `bus.url: this build has the bus postgres only (queues in the database); set it to postgres or leave it out`,
    );
  }
  return settings;
}
