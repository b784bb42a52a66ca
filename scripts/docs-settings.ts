/** Writes config/default.json and config/README.md: `npm run build && node dist/scripts/docs-settings.js`. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defaultsDocument, settingsDocument } from "../adapters/settings/document.js";

const config = new URL("../../config/", import.meta.url);
for (const [name, content] of [
  ["default.json", defaultsDocument()],
  ["README.md", settingsDocument()],
] as const) {
  const file = fileURLToPath(new URL(name, config));
  writeFileSync(file, content);
  console.log(file);
}
