/** `valence doctor`: looks at everything a system needs, says what is wrong and what to do about it. */
import type { Command } from "commander";
import { ValenceError } from "../../../engine/errors.js";
import type { Check } from "../../../engine/ports/check.js";
import type { Settings } from "../../settings/index.js";
import { Failed } from "../failure.js";
import {
  busOption,
  configOption,
  dataOption,
  databaseOption,
  jsonOption,
  type SystemOptions,
} from "../options.js";
import { printJson } from "../print.js";
import { dataDirChecks } from "./data-dir.js";
import { diskCheck, nodeCheck } from "./machine.js";

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "check configuration, data, database, clock, disk and versions, and say what to do; exit 1 on any fail",
    )
    .addOption(dataOption())
    .addOption(databaseOption())
    .addOption(busOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async ({ json, ...options }: SystemOptions & { readonly json?: true }) => {
      const checks = await examine(options);
      if (json) printJson({ checks });
      else for (const check of checks) process.stdout.write(lineOf(check));
      if (checks.some(({ state }) => state === "fail")) throw new Failed();
    });
}

async function examine(options: SystemOptions): Promise<readonly Check[]> {
  const [settings, settingsChecks] = await readSettings(options);
  if (!settings) return [nodeCheck(), ...settingsChecks];
  const { databaseSection } = await import("./database.js");
  const { brokerSection } = await import("./broker.js");
  return [
    nodeCheck(),
    ...settingsChecks,
    ...dataDirChecks(settings.data.dir),
    await diskCheck(settings.data.dir),
    ...(await databaseSection(settings)),
    ...(await brokerSection(settings.bus)),
  ];
}

/** Every setting that is wrong is a line of its own. */
async function readSettings(
  options: SystemOptions,
): Promise<readonly [Settings | undefined, readonly Check[]]> {
  const { settingsFrom } = await import("../settings.js");
  try {
    return [settingsFrom(options), [{ name: "settings", state: "ok", detail: "valid" }]];
  } catch (error) {
    if (!(error instanceof ValenceError)) throw error;
    const next = "correct it; config/README.md lists every setting";
    return [
      undefined,
      error.detail.split("\n").map((detail): Check => ({ name: "settings", state: "fail", detail, next })),
    ];
  }
}

const lineOf = ({ name, state, detail, next }: Check): string =>
  `${state.padEnd(4)}  ${name.padEnd(18)}  ${detail}\n${next === undefined ? "" : `${" ".repeat(26)}-> ${next}\n`}`;
