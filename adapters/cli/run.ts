/** `valence run <module…>`: chosen modules in a process of their own. */
import { type Command, InvalidArgumentError } from "commander";
import { ValenceError } from "../../engine/errors.js";
import { channelOf, isModuleName, moduleChoices } from "../compose/modules/names.js";
import { busOption, configOption, dataOption, databaseOption, type SystemOptions } from "./options.js";

function moduleName(value: string, previous: readonly string[] = []): readonly string[] {
  if (!isModuleName(value) && channelOf(value) === undefined)
    throw new InvalidArgumentError(`There are: ${moduleChoices}.`);
  return [...new Set([...previous, value])];
}

export function addRun(program: Command): void {
  program
    .command("run")
    .description("run chosen modules; prints `ready <modules> {addresses}` when they serve")
    .argument("<module...>", moduleChoices, moduleName)
    .addOption(databaseOption())
    .addOption(busOption())
    .addOption(dataOption())
    .addOption(configOption())
    .action(async (modules: readonly string[], options: SystemOptions) => {
      const { settingsFrom } = await import("./settings.js");
      const settings = settingsFrom(options);
      if (modules.includes("admin") && settings.admin.token === "") {
        throw new ValenceError(
          "settings_invalid",
          "admin.token: an admin API on its own needs a token that somebody knows; set VALENCE_ADMIN_TOKEN",
        );
      }
      const { startModules } = await import("../compose/start-modules.js");
      const { serve } = await import("./lifecycle.js");
      await serve(
        modules.join("+"),
        settings,
        () => startModules(modules, settings),
        ({ addresses, firstLink }) => {
          if (firstLink !== undefined)
            process.stdout.write(`console ${firstLink} (good once, for 24 h; the first administrator)\n`);
          process.stdout.write(`ready ${modules.join(" ")} ${JSON.stringify(addresses)}\n`);
        },
      );
    });
}
