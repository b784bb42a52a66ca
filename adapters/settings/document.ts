/** The files under config/ that are generated from the settings table. */
import { allSettings, type Setting } from "./schema.js";

/** `config/default.json`: every key with its default. */
export function defaultsDocument(): string {
  const sections: Record<string, Record<string, unknown>> = {};
  for (const { section, name, spec } of allSettings) (sections[section] ??= {})[name] = spec.default;
  return `${JSON.stringify(sections, undefined, 2)}\n`;
}

function unit({ spec }: Setting): string {
  if ("enum" in spec) return spec.enum.map((choice) => `\`${choice}\``).join(", ");
  if (spec.type === "integer") return `${spec.unit}, ${spec.minimum} to ${spec.maximum}`;
  return spec.unit;
}

const row = (setting: Setting): string => {
  const { key, variable, spec } = setting;
  const preset = spec.default === "" ? "empty" : `\`${spec.default}\``;
  return `| \`${key}\` | \`${variable}\` | ${unit(setting)} | ${preset} | ${spec.description} |`;
};

/** `config/README.md`. */
export const settingsDocument = (): string => `# Settings

Generated from \`adapters/settings/schema.ts\` by \`node dist/scripts/docs-settings.js\`; do not edit.

Order, the later wins: \`config/default.json\` (every key, also generated), the file given by \`--config FILE\` (JSON,
comments allowed, only what differs), the environment, the command line. Settings are validated as a whole when a
process starts: every error is listed at once, and nothing has been started yet. An unknown key or an unknown
\`VALENCE_*\` variable is an error. (Kubernetes adds such variables by itself when a service is called \`valence…\`:
\`enableServiceLinks: false\`.)

Settings of a channel are declared in its \`channel.json\` and not listed here: the file may give them in a section
\`channel\` (\`{ "channel": { "acme": { "baseUrl": "https://…" } } }\`), the environment as
\`VALENCE_CHANNEL_ACME_BASE_URL\`.

| key | variable | unit | default | meaning |
| --- | --- | --- | --- | --- |
${allSettings.map(row).join("\n")}
`;
