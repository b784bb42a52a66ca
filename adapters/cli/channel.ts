/** `valence channel …`: the channels of this build, and a new one from the template. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { channelDirs, findChannels, templateFolder } from "../channels/load.js";
import { productRoot } from "../compose/root.js";
import { CannotDo } from "./failure.js";
import { configOption, jsonOption } from "./options.js";
import { printJson, table } from "./print.js";

/** Sources of channels and of their contract tests, below the product's root. */
const sources = join("adapters", "channels");
const tests = join("test", "adapters", "channels");

export function addChannel(program: Command): void {
  const channel = program.command("channel").description("channels of this build and of channels.dir");
  channel
    .command("list")
    .description("which channels there are, and where")
    .addOption(configOption())
    .addOption(jsonOption())
    .action(list);
  channel
    .command("new")
    .description("write a channel that works, from the template, with its contract test")
    .argument("<name>", "small letters, digits and hyphens")
    .option("--dir <dir>", "checkout to write it into (default: this one)")
    .action(create);
}

async function list({ config, json }: { readonly config?: string; readonly json?: true }): Promise<void> {
  const { settingsFrom } = await import("./settings.js");
  const settings = settingsFrom(config === undefined ? {} : { config });
  const found = findChannels({ dirs: channelDirs(settings.channels.dir) }).flatMap(({ dir, channels }) =>
    channels.map((channel) => ({ channel, folder: join(dir, channel) })),
  );
  if (json) return printJson(found);
  const rows = found.map(({ channel, folder }) => [channel, folder]);
  process.stdout.write(table(["channel", "folder"], rows, "no channels"));
}

async function create(name: string, { dir = productRoot }: { readonly dir?: string }): Promise<void> {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    throw new CannotDo(`"${name}" cannot be a channel: small letters, digits and hyphens, a letter first`);
  const root = resolve(dir);
  const template = join(root, sources, templateFolder);
  if (!existsSync(join(template, "index.ts"))) {
    throw new CannotDo(
      `${root} is no checkout of this product (it has no ${join(sources, templateFolder)}); channels are written in ` +
        "TypeScript and built with it. A folder with only a channel.json, which names another's driver, needs no build",
    );
  }
  const folders = [
    [template, join(root, sources, name)],
    [join(root, tests, templateFolder), join(root, tests, name)],
  ] as const;
  const taken = folders.map(([, to]) => to).find((to) => existsSync(to));
  if (taken !== undefined) throw new CannotDo(`${taken} exists already; nothing was written`);
  const written = (await Promise.all(folders.map(([from, to]) => copyRenamed(from, to, name)))).flat();
  const shown = written.map((file) => `  ${relative(process.cwd(), file)}\n`).join("");
  process.stdout.write(`${shown}Next: npm run build, then docs/adding-a-channel.md\n`);
}

/** Copies a folder of text files; `template` becomes the name, in every spelling. */
async function copyRenamed(from: string, to: string, name: string): Promise<readonly string[]> {
  const camel = name.replace(/-+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? "");
  const files = (await readdir(from, { recursive: true, withFileTypes: true })).filter((e) => e.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name: file }) => {
      const source = join(parentPath, file);
      const target = join(to, relative(from, source));
      await mkdir(dirname(target), { recursive: true });
      const text = await readFile(source, "utf8");
      await writeFile(target, renamed(text, name, camel), { flag: "wx" });
      return target;
    }),
  );
}

/** `templateDialect` is an identifier, `template-signature` a name, `Template` begins a sentence. */
const renamed = (text: string, name: string, camel: string): string =>
  text
    .replace(/template(?=[A-Z])/g, camel)
    .replaceAll("template", name)
    .replaceAll("Template", name.charAt(0).toUpperCase() + name.slice(1));
