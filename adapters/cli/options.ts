/** Options that several commands share, and the settings that come of them. */
import { Option } from "commander";
import { ValenceError } from "../../engine/errors.js";
import { loadSettings, type PartialSettings, type Settings } from "../settings/index.js";

export const dataOption = (): Option =>
  new Option("--data <dir>", "folder of everything that is kept here (default: .valence)");
export const jsonOption = (): Option => new Option("--json", "print JSON");
export const databaseOption = (): Option =>
  new Option("--database <url>", "PostgreSQL to use (default: the embedded one under --data)");
export const busOption = (): Option => new Option("--bus <url>", "message bus: postgres (default)");
export const configOption = (): Option =>
  new Option("--config <file>", "settings that differ from the defaults");

/** Kept by the audit with every change. */
export const reasonOption = (): Option =>
  new Option("--reason <text>", "why; the audit keeps it").makeOptionMandatory();
export const authorOption = (): Option =>
  new Option("--author <name>", "who; the audit keeps it (default: the user of this machine)");

export interface SystemOptions {
  readonly data?: string;
  readonly database?: string;
  readonly bus?: string;
  readonly config?: string;
}

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
