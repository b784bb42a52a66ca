/** `valence up`: everything in one process. */
import type { Command } from "commander";
import type { System } from "../compose/system.js";
import { demoFileOf } from "../data/demo-file.js";
import type { Settings } from "../settings/index.js";
import { busOption, configOption, dataOption, databaseOption, type SystemOptions } from "./options.js";

export function addUp(program: Command): void {
  program
    .command("up")
    .description(
      "run everything in one process: bridge, workers, channels, scheduler, notifier, feed, admin API",
    )
    .addOption(dataOption())
    .addOption(databaseOption())
    .addOption(busOption())
    .addOption(configOption())
    .action(async (options: SystemOptions) => {
      const { settingsFrom } = await import("./settings.js");
      const settings = settingsFrom(options, {
        // The demo merchant listens on this machine.
        notify: { allowLoopback: true },
        // One person watches one terminal: it shows what needs a person, unless settings ask for more.
        log: { level: "warn", format: process.stderr.isTTY ? "text" : "json" },
      });
      const { startAll } = await import("../compose/start-all.js");
      const { serve } = await import("./lifecycle.js");
      await serve(
        "up",
        settings,
        () => startAll(settings),
        (system) => process.stdout.write(welcome(system, settings)),
      );
    });
}

function welcome({ addresses, firstLink }: System, { data, database }: Settings): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["bridge", addresses["bridge"]],
    ["documentation", addresses["bridge"] && `${addresses["bridge"]}/docs`],
    ["console", firstLink === undefined ? addresses["admin"] : `${firstLink} (good once, for 24 h)`],
    ["admin API", addresses["admin"] && `${addresses["admin"]}/admin/v1`],
    ["simulated channel", addresses["simulator"]],
    ["demo merchant", addresses["merchant"]],
    ["database", database.url === "" ? `embedded, under ${data.dir}` : hostOf(database.url)],
    ["keys and tokens", demoFileOf(data.dir)],
  ];
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(18)} ${value}`],
  );
  return `Valence is up. Try: npx valence pay --wait\n${lines.join("\n")}\n`;
}

/** A database URL without user and password. */
const hostOf = (url: string): string =>
  URL.canParse(url) ? `${new URL(url).host}${new URL(url).pathname}` : "PostgreSQL";
