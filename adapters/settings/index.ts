export { loadSettings, type SettingsOptions } from "./load.js";
export type { PartialSettings, Settings } from "./schema.js";
export { isLoopback } from "./validate.js";
