/** `valence run`: the modules that were named, and nothing else. */
import { resolve } from "node:path";
import { ValenceError } from "../../engine/errors.js";
import { randomSecret } from "../data/secrets.js";
import type { Settings } from "../settings/index.js";
import { channelOf, isModuleName, moduleChoices } from "./modules/names.js";
import {
  building,
  installDefaults,
  presetsOf,
  secretOf,
  Stack,
  startKernel,
  startNamed,
  type System,
  systemOf,
} from "./system.js";

export function startModules(names: readonly string[], settings: Settings): Promise<System> {
  if (settings.database.url === "") {
    throw new ValenceError(
      "settings_invalid",
      "database.url: separate processes need a PostgreSQL they can share; give --database or VALENCE_DATABASE_URL",
    );
  }
  const known = (name: string): boolean => isModuleName(name) || channelOf(name) !== undefined;
  const unknown = names.filter((name) => !known(name));
  if (names.length === 0 || unknown.length > 0) {
    const said = unknown.length > 0 ? `no module ${unknown.join(", ")}` : "no module named";
    throw new ValenceError("settings_invalid", `${said}; there are ${moduleChoices}`);
  }
  const stack = new Stack();
  return building(stack, async () => {
    const edgeOnly = names.every((name) => name === "bridge");
    const kernel = await startKernel(stack, settings, { service: names.join("+"), edgeOnly });
    if (!edgeOnly) await installDefaults(kernel);
    const adminToken = settings.admin.token === "" ? randomSecret() : settings.admin.token;
    const modules = await startNamed(stack, names, {
      kernel,
      channelPresets: presetsOf(
        secretOf(settings, resolve(settings.data.dir)),
        settings.simulator.url === ""
          ? `http://127.0.0.1:${settings.simulator.port}`
          : settings.simulator.url,
      ),
      adminToken,
    });
    const addresses = Object.fromEntries(
      modules.flatMap(({ name, url }) => (url === undefined ? [] : [[name, url]])),
    );
    kernel.telemetry.log("info", { event: "system.ready", modules: names, ...addresses });
    return systemOf(stack, settings, kernel, addresses, modules);
  });
}
