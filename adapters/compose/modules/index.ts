/**
 * The modules: each takes a kernel, begins to serve and gives back how to stop. Any mix of them shares a process or
 * stands alone; none knows which others run beside it, and a process loads the code of those alone it runs.
 */
import { ValenceError } from "../../../engine/errors.js";
import type { Module, ModuleContext } from "./module.js";
import { channelOf, isModuleName, moduleChoices, type ModuleName } from "./names.js";

type Start = (context: ModuleContext) => Promise<Module>;

const starts: Readonly<Record<ModuleName, () => Promise<Start>>> = {
  bridge: async () => (await import("./bridge.js")).startBridge,
  flow: async () => (await import("./flow.js")).startFlow,
  notify: async () => (await import("./notify.js")).startNotify,
  feed: async () => (await import("./feed.js")).startFeed,
  scheduler: async () => (await import("./scheduler.js")).startScheduler,
  admin: async () => (await import("./admin.js")).startAdmin,
};

/** @throws ValenceError `settings_invalid` when there is no such module */
export async function startModule(name: string, context: ModuleContext): Promise<Module> {
  if (isModuleName(name)) return (await starts[name]())(context);
  const channel = channelOf(name);
  if (channel === undefined)
    throw new ValenceError("settings_invalid", `no module ${name}; there are ${moduleChoices}`);
  const { startChannel } = await import("./channel.js");
  return startChannel(channel, context);
}
