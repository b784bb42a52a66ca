// What the reader of a file may rely on without reading the others. test/scripts/lint.test.ts shows that it bites.
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const noDefaultExport = {
  selector: "ExportDefaultDeclaration, ExportSpecifier[exported.name='default']",
  message: "Export by name: one word per idea, the same in every file.",
};

const ports = "Time and chance are ports (engine/ports/clock.ts), so that a run can be replayed.";
const noProcess = "The engine knows no process: settings and signals are handed in by adapters.";

/** What engine/ and atoms/ must not reach for, in every spelling. */
const determinism = {
  "no-restricted-globals": [
    "error",
    ...["setTimeout", "setInterval", "setImmediate", "performance", "crypto"].map((name) => ({
      name,
      message: ports,
    })),
    { name: "process", message: noProcess },
  ],
  "no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message: ports },
    { object: "Math", property: "random", message: ports },
    { property: "randomUUID", message: ports },
    { property: "randomBytes", message: ports },
    ...["setTimeout", "setInterval", "setImmediate", "performance", "crypto"].map((property) => ({
      object: "globalThis",
      property,
      message: ports,
    })),
    { object: "globalThis", property: "process", message: noProcess },
  ],
  "no-restricted-imports": [
    "error",
    {
      paths: [
        ...["timers", "timers/promises", "perf_hooks"].flatMap((name) => [
          { name, message: ports },
          { name: `node:${name}`, message: ports },
        ]),
        { name: "process", message: noProcess },
        { name: "node:process", message: noProcess },
        ...["crypto", "node:crypto"].map((name) => ({
          name,
          importNames: [
            "randomUUID",
            "randomBytes",
            "randomInt",
            "randomFillSync",
            "randomFill",
            "webcrypto",
          ],
          message: ports,
        })),
      ],
    },
  ],
  "no-restricted-syntax": [
    "error",
    noDefaultExport,
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: ports },
    { selector: "CallExpression[callee.name='Date']", message: ports },
  ],
};

export default defineConfig(
  globalIgnores([
    "dist/",
    "node_modules/",
    "coverage/",
    ".valence/",
    ".services/",
    "console/dist/",
    "bench/peers/",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/ban-ts-comment": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "no-restricted-syntax": ["error", noDefaultExport],
      "no-console": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "max-lines": ["error", 400],
    },
  },
  {
    files: ["engine/**/*.ts", "atoms/**/*.ts", "adapters/**/*.ts", "console/src/**/*.{ts,tsx}"],
    rules: { "@typescript-eslint/explicit-module-boundary-types": "error" },
  },
  { files: ["engine/**/*.ts", "atoms/**/*.ts"], rules: determinism },
  {
    // mocha's describe and it return nothing that has to be awaited; a command line prints.
    files: ["test/**/*.ts", "adapters/cli/**/*.ts", "scripts/**/*.ts", "bench/**/*.ts"],
    rules: { "no-console": "off" },
  },
  {
    // Vite wants its configuration as the default export.
    files: ["console/vite.config.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["**/*.{js,mjs,cjs}"],
    rules: {
      "prefer-const": "error",
      eqeqeq: "error",
      "no-unused-vars": "error",
      "max-lines": ["error", 400],
    },
  },
);
