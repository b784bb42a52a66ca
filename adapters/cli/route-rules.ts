/** `valence route …`, the rules: checked offline, put in force on the running system, tried, taken back. */
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import type { Diagnostic } from "../../engine/compiler/plan.js";
import { formatDiagnostic } from "../../engine/compiler/diagnostics.js";
import type { RouteRule, RouteSet } from "../../engine/ports/index.js";
import type { RouteChoice } from "../../engine/registry/routing.js";
import type { DefinitionFile } from "../../engine/schema/definitions.js";
import { AdminRefusal, adminTarget, callAdmin, defaultAuthor } from "./admin-client.js";
import { CannotDo, Failed } from "./failure.js";
import { authorOption, dataOption, jsonOption, reasonOption } from "./options.js";
import { printJson, table, time } from "./print.js";

interface ReadOptions {
  readonly data?: string;
  readonly json?: true;
}

interface ChangeOptions extends ReadOptions {
  readonly reason: string;
  readonly author?: string;
}

interface TryOptions extends ReadOptions {
  readonly amount: number;
  readonly currency?: string;
  readonly type?: string;
  readonly merchant?: string;
  readonly method?: string;
  readonly business?: string;
  readonly channel?: string;
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is a whole number.");
  return Number(text);
}

export function addRules(route: Command): void {
  route
    .command("rules")
    .description("the routing rules in force")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(rules);
  route
    .command("check")
    .description("check rules; says file:pointer CODE message (hint) on stderr, exit 1 if anything is wrong")
    .argument("<file>")
    .addOption(jsonOption())
    .action(check);
  route
    .command("apply")
    .description("put rules in force on the running system, all of them or none")
    .argument("<file>")
    .option("--expected-version <n>", "refuse unless this version is in force", whole)
    .addOption(reasonOption())
    .addOption(authorOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((file: string, options: ChangeOptions & { readonly expectedVersion?: number }) => {
      const { expectedVersion } = options;
      const expected = expectedVersion === undefined ? {} : { expectedVersion };
      return change("apply", { files: [ruleFile(file)], ...expected }, options);
    });
  route
    .command("history")
    .description("every version of the rules, newest first")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(history);
  route
    .command("rollback")
    .description("put an older version of the rules in force again; default: the one before")
    .argument("[version]", "number of a version", whole)
    .addOption(reasonOption())
    .addOption(authorOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((version: number | undefined, options: ChangeOptions) =>
      change("rollback", version === undefined ? {} : { version }, options),
    );
  route
    .command("try")
    .description("which channel an order would choose now, and why not the others; exit 1 if none")
    .requiredOption("--amount <minor units>", "amount in minor units", whole)
    .option("--currency <code>", "ISO 4217 code (default: CNY)")
    .option("--type <type>", "transaction type (default: pay)")
    .option("--merchant <id>", "the merchant")
    .option("--method <method>", "payment method")
    .option("--business <business>", "the business the order belongs to")
    .option("--channel <channel>", "the channel the integrator names")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(tryRoute);
}

/** @throws CannotDo when it cannot be read */
function ruleFile(path: string): DefinitionFile {
  try {
    return { path, text: readFileSync(path, "utf8") };
  } catch (error) {
    throw new CannotDo(`the rules in ${path} cannot be read: ${(error as Error).message}`);
  }
}

async function rules({ data, json }: ReadOptions): Promise<void> {
  const set = await callAdmin<RouteSet>(adminTarget(data), "GET", "/admin/v1/routes");
  if (json) return printJson(set);
  const rows = set.rules.map((rule, index) => [index + 1, rule.name, rule.when ?? "-", targetsOf(rule)]);
  if (set.version > 0)
    process.stdout.write(
      `version ${set.version}, ${time(set.activatedAtMs)}, ${set.author}: ${set.reason}\n\n`,
    );
  process.stdout.write(table(["", "rule", "when", "channels"], rows, "there are no routing rules"));
}

const targetsOf = ({ channels }: RouteRule): string =>
  channels
    .map(
      ({ channel, weight, where }) =>
        `${channel}${weight === undefined ? "" : ` x${weight}`}${where === undefined ? "" : ` where ${where}`}`,
    )
    .join(", ");

async function check(path: string, { json }: ReadOptions): Promise<void> {
  const { checkRoutes } = await import("../../engine/registry/route-check.js");
  const result = checkRoutes(ruleFile(path));
  if (!result.ok) {
    report(result.diagnostics, json);
    throw new Failed();
  }
  if (json) printJson({ ok: true, rules: result.rules });
  else process.stdout.write(`sound: ${result.rules.length} rules\n`);
}

async function history({ data, json }: ReadOptions): Promise<void> {
  const found = await callAdmin<{ history: readonly RouteSet[] }>(
    adminTarget(data),
    "GET",
    "/admin/v1/routes/history",
  );
  if (json) return printJson(found.history);
  const rows = found.history.map(({ version, activatedAtMs, author, reason, rules: all }) => [
    ...[version, time(activatedAtMs), author, all.map(({ name }) => name).join(", "), reason],
  ]);
  process.stdout.write(table(["version", "since", "by", "rules", "why"], rows, "there are no routing rules"));
}

async function change(path: string, body: object, options: ChangeOptions): Promise<void> {
  const { data, json, reason, author = defaultAuthor() } = options;
  try {
    const url = `/admin/v1/routes/${path}`;
    const applied = await callAdmin<{ version: number }>(adminTarget(data), "POST", url, {
      ...{ ...body, author, reason },
    });
    if (json) printJson(applied);
    else process.stdout.write(`version ${applied.version} of the rules is in force\n`);
  } catch (error) {
    const diagnostics = error instanceof AdminRefusal ? error.body["diagnostics"] : undefined;
    if (Array.isArray(diagnostics)) report(diagnostics as readonly Diagnostic[], json);
    throw error;
  }
}

function report(diagnostics: readonly Diagnostic[], json: true | undefined): void {
  if (json) return printJson({ ok: false, diagnostics });
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
}

async function tryRoute({ data, json, merchant, ...order }: TryOptions): Promise<void> {
  const body = { ...order, ...(merchant === undefined ? {} : { merchantId: merchant }) };
  const choice = await callAdmin<RouteChoice>(adminTarget(data), "POST", "/admin/v1/routes/try", body);
  if (json) printJson(choice);
  else process.stdout.write(choiceText(choice));
  if (!choice.chosen) throw new Failed();
}

function choiceText(choice: RouteChoice): string {
  const passed = choice.passedOver.map(
    ({ rule, channel, why }) => `  rule ${rule}${channel === undefined ? "" : `, ${channel}`}: ${why}\n`,
  );
  if (!choice.chosen) return `no channel: ${choice.why}\n${passed.join("")}`;
  const { channel, rule, redirectedFrom, missing } = choice;
  const via = redirectedFrom === undefined ? "" : `, redirected from ${redirectedFrom}`;
  const wait = missing ? ", whose process is missing: the order would wait" : "";
  return `${channel} by rule ${rule}${via}${wait}\n${passed.length > 0 ? "not chosen:\n" : ""}${passed.join("")}`;
}
