/** What a module is to whoever starts it. */
import type { SettingSources } from "../../channels/channel-settings.js";
import type { DemoShop } from "../../http/demo-shop.js";
import type { Kernel } from "../kernel.js";

/** What a started module is to whoever started it. */
export interface Module {
  readonly name: string;
  /** Where it listens, if it does. */
  readonly url?: string;
  /** A one-time way in for the very first administrator. Secret: it is shown to whoever started the process. */
  readonly firstLink?: string;
  /** Takes no new work, finishes or hands back what it has, within `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

/** What a module is started with. */
export interface ModuleContext {
  readonly kernel: Kernel;
  /** What this system knows of a driver's settings by itself: where the simulated institution runs, say. */
  readonly channelPresets: (driver: string) => NonNullable<SettingSources["presets"]>;
  readonly adminToken: string;
  /** The demo merchant, where there is one and the bridge is up. */
  readonly demoShop?: () => DemoShop | undefined;
}
