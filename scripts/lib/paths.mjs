/** Where things are. */
import { fileURLToPath } from "node:url";
import path from "node:path";

/** The checkout: the folder of package.json. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** An absolute path inside the checkout. */
export const at = (...parts) => path.join(root, ...parts);

/** The script behind a development tool's command, to be run by this very node without a shell. */
export const tools = {
  tsc: at("node_modules/typescript/bin/tsc"),
  eslint: at("node_modules/eslint/bin/eslint.js"),
  prettier: at("node_modules/prettier/bin/prettier.cjs"),
  mocha: at("node_modules/mocha/bin/mocha.js"),
  vite: at("console/node_modules/vite/bin/vite.js"),
};
