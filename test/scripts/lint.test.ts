import assert from "node:assert/strict";
import path from "node:path";
import { ESLint } from "eslint";
import { root } from "../support/checkout.js";

const syntax = "no-restricted-syntax";
const property = "no-restricted-properties";
const globals = "no-restricted-globals";
const imports = "no-restricted-imports";
const ts = (rule: string): string => `@typescript-eslint/${rule}`;

/** `rule` has to refuse `code` in engine/ and atoms/. */
const banned: readonly (readonly [rule: string, code: string])[] = [
  [property, "export const now = (): number => Date.now();"],
  [syntax, "export const now = (): Date => new Date();"],
  [syntax, "export const now = (): string => Date();"],
  [property, "export const chance = (): number => Math.random();"],
  [property, `import crypto from "node:crypto";\nexport const id = (): string => crypto.randomUUID();`],
  [imports, `import { randomUUID } from "node:crypto";\nexport const id = (): string => randomUUID();`],
  [imports, `import { randomBytes } from "node:crypto";\nexport const bytes = (): Buffer => randomBytes(8);`],
  [globals, "export const id = (): string => crypto.randomUUID();"],
  [globals, "export const later = (): unknown => setTimeout(() => {}, 1);"],
  [globals, "export const often = (): unknown => setInterval(() => {}, 1);"],
  [globals, "export const soon = (): unknown => setImmediate(() => {});"],
  [globals, "export const passed = (): number => performance.now();"],
  [globals, "export const where = (): string => process.cwd();"],
  [property, "export const later = (): unknown => globalThis.setTimeout(() => {}, 1);"],
  [imports, `import { setTimeout } from "node:timers/promises";\nexport const later = setTimeout;`],
  [
    imports,
    `import { performance } from "node:perf_hooks";\nexport const passed = (): number => performance.now();`,
  ],
  [imports, `import { env } from "node:process";\nexport const all = env;`],
];

/** `rule` has to refuse `code` everywhere. */
const everywhere: readonly (readonly [rule: string, code: string])[] = [
  [ts("no-floating-promises"), "const work = async (): Promise<void> => {};\nwork();"],
  [ts("no-misused-promises"), "[1].forEach(async () => {});\nif (Promise.resolve(true)) throw new Error();"],
  [ts("no-explicit-any"), "export const anything: any = 1;"],
  [ts("ban-ts-comment"), "// @ts-ignore\nexport const one = 1;"],
  [ts("only-throw-error"), `throw "text";`],
  [
    ts("switch-exhaustiveness-check"),
    `export function f(side: "a" | "b"): number {\n  switch (side) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}`,
  ],
  [ts("explicit-module-boundary-types"), "export function untyped() {\n  return 1;\n}"],
  [syntax, "export default 1;"],
];

/** What engine/ may do: a fixed date, hashing. */
const allowed = [
  "export const day = (ms: number): Date => new Date(ms);",
  `import { createHash } from "node:crypto";\nexport const hash = (): unknown => createHash("sha256");`,
];

describe("lint", () => {
  const eslint = new ESLint({ cwd: root });
  /** An existing file of the project lends its name: rules that need types know only files of tsconfig.json. */
  async function rules(code: string, file: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
    return result?.messages.map(({ ruleId, message }) => ruleId ?? message) ?? [];
  }

  before(async function () {
    // The first file loads the whole project into the type checker; on a busy machine that takes long.
    this.timeout(120_000);
    await rules("export {};", "engine/money.ts");
  });

  for (const [rule, code] of banned) {
    it(`engine and atoms are refused: ${code.split("\n").at(-1)}`, async () => {
      assert.ok((await rules(code, "engine/money.ts")).includes(rule), "engine");
      assert.ok((await rules(code, "atoms/tables.ts")).includes(rule), "atoms");
      assert.ok(
        !(await rules(code, "adapters/system/clock.ts")).includes(rule),
        "adapters are the place for it",
      );
    });
  }
  for (const [rule, code] of everywhere) {
    it(`refused everywhere: ${rule}: ${code.split("\n")[0]}`, async () => {
      assert.ok((await rules(code, "engine/money.ts")).includes(rule), "engine");
      assert.ok((await rules(code, "adapters/system/clock.ts")).includes(rule), "adapters");
    });
  }
  for (const code of allowed) {
    it(`allowed in engine: ${code.split("\n").at(-1)}`, async () => {
      assert.deepEqual(await rules(code, "engine/money.ts"), []);
    });
  }
});
