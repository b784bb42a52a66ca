/** `valence user …`: who may use the console, and a way in for whoever has none. */
import type { Command } from "commander";
import type { User } from "../../engine/ports/index.js";
import { adminTarget, callAdmin, defaultAuthor } from "./admin-client.js";
import { authorOption, dataOption, jsonOption, reasonOption } from "./options.js";
import { printJson, table, time } from "./print.js";

interface Options {
  readonly data?: string;
  readonly json?: true;
}

interface LinkOptions extends Options {
  readonly reason: string;
  readonly author?: string;
}

export function addUser(program: Command): void {
  const user = program.command("user").description("people who use the console of the running system");
  user
    .command("list")
    .description("users: role, whether they are locked, how they come in, when they last did")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(list);
  user
    .command("link")
    .description(
      "a one-time link that signs the user in without password; good for 24 h, voids the one before",
    )
    .argument("<name>")
    .addOption(reasonOption())
    .addOption(authorOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(link);
}

async function list({ data, json }: Options): Promise<void> {
  const { users } = await callAdmin<{ users: readonly User[] }>(adminTarget(data), "GET", "/admin/v1/users");
  if (json) return printJson(users);
  const rows = users.map(({ name, role, status, hasPassword, secondFactor, lastLoginAtMs }) => [
    ...[name, role, status, hasPassword ? "password" : "link only", secondFactor ? "yes" : "no"],
    lastLoginAtMs === undefined ? "never" : time(lastLoginAtMs),
  ]);
  const head = ["name", "role", "status", "comes in by", "second factor", "last login"];
  process.stdout.write(table(head, rows, "there are no users"));
}

async function link(name: string, options: LinkOptions): Promise<void> {
  const { data, json, reason, author = defaultAuthor() } = options;
  const path = `/admin/v1/users/${encodeURIComponent(name)}/link`;
  const answer = await callAdmin<{ link: string }>(adminTarget(data), "POST", path, { author, reason });
  if (json) printJson(answer);
  else process.stdout.write(`${answer.link}\n`);
}
