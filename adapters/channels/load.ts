/**
 * Channels plug in as folders. `<dir>/<name>/` holds `channel.json` and, unless that names another folder's `driver`,
 * `index.js`, which exports `createDriver`. Nothing else in the product names a channel.
 */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ValenceError } from "../../engine/errors.js";
import type { ChannelDriver, ChannelManifest } from "../../engine/ports/channel.js";
import type { ChannelModule } from "./channel-module.js";
import { resolveSettings, type SettingSources, type SettingSpecs } from "./channel-settings.js";
import { readChannelFile } from "./manifest.js";

/** Where the channels of this build are, compiled. */
export const ownChannelsDir = dirname(fileURLToPath(import.meta.url));

/** What `valence channel new` copies. It works, but it fronts nobody. */
export const templateFolder = "template";

export interface LoadOptions {
  /** Searched in this order; the first folder of that name is the channel. */
  readonly dirs: readonly string[];
}

export interface ChannelPackage {
  readonly manifest: ChannelManifest;
  readonly folder: string;
  /** Whose driver it uses: its own name, or that of another channel. */
  readonly driver: string;
  readonly settings: SettingSpecs;
  /**
   * @param connections charges under way at a time.
   * @throws ValenceError `settings_invalid` when a setting is missing or wrong.
   */
  createDriver(sources: Omit<SettingSources, "given">, connections: number): ChannelDriver;
}

/** The product's own channels, then those of the setting `channels.dir` (empty: none). */
export const channelDirs = (dir: string): readonly string[] =>
  dir === "" ? [ownChannelsDir] : [ownChannelsDir, resolve(dir)];

/** Names of all channels there are, by directory. */
export function findChannels({ dirs }: LoadOptions): readonly { dir: string; channels: readonly string[] }[] {
  return dirs.map((dir) => {
    if (!existsSync(dir)) return { dir, channels: [] };
    const folders = readdirSync(dir, { withFileTypes: true }).filter(
      (entry) => !entry.isFile() && entry.name !== templateFolder,
    );
    const names = folders.map(({ name }) => name);
    return { dir, channels: names.filter((name) => existsSync(join(dir, name, "channel.json"))).sort() };
  });
}

function folderOf(name: string, options: LoadOptions): string {
  const dir = options.dirs.find((each) => existsSync(join(each, name, "channel.json")));
  if (dir !== undefined && /^[a-z][a-z0-9-]*$/.test(name)) return join(dir, name);
  const found = findChannels(options).map(
    (each) => `${each.dir}: ${each.channels.length > 0 ? each.channels.join(", ") : "none"}`,
  );
  throw new ValenceError("settings_invalid", [`there is no channel ${name}; there are`, ...found].join("\n"));
}

/** @throws ValenceError `settings_invalid`: no such channel (with what there is and where), or a folder that is wrong. */
export async function loadChannel(name: string, options: LoadOptions): Promise<ChannelPackage> {
  const folder = folderOf(name, options);
  const { manifest, driver, settings, with: given = {} } = readChannelFile(join(folder, "channel.json"));
  const driverFolder = driver === undefined ? folder : folderOf(driver, options);
  const module = await importModule(driverFolder);
  const specs = settings ?? readChannelFile(join(driverFolder, "channel.json")).settings ?? {};
  return {
    manifest,
    folder,
    driver: driver ?? name,
    settings: specs,
    createDriver: (sources, connections) =>
      module.createDriver({
        manifest,
        connections,
        settings: resolveSettings(name, specs, { ...sources, given }),
      }),
  };
}

async function importModule(folder: string): Promise<ChannelModule> {
  const file = join(folder, "index.js");
  if (!existsSync(file)) {
    throw new ValenceError(
      "settings_invalid",
      `${folder}: there is no index.js; build it, or name another channel's \`driver\` in channel.json`,
    );
  }
  const module = (await import(pathToFileURL(file).href)) as Partial<ChannelModule>;
  const { createDriver } = module;
  if (typeof createDriver !== "function")
    throw new ValenceError("settings_invalid", `${file}: it must export createDriver`);
  return { createDriver };
}
