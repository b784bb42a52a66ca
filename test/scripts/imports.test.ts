import assert from "node:assert/strict";
import { importScript, withTree } from "../support/checkout.js";

interface Imports {
  checkImports(
    base?: string,
  ): Promise<{ modules: number; violations: readonly { rule: string; from: string }[] }>;
}

/** `file` imports `target` (a file of the tree, or a package); `rule` is what has to stop it, "" when nothing may. */
const table: readonly (readonly [rule: string, file: string, target: string])[] = [
  // engine
  ["engine-imports-only-itself", "engine/a.ts", "../atoms/fields.js"],
  ["engine-imports-only-itself", "engine/a.ts", "../adapters/telemetry/log.js"],
  ["engine-imports-only-itself", "engine/runtime/a.ts", "uuid"],
  ["", "engine/a.ts", "node:crypto"],
  ["", "engine/a.ts", "ajv"],
  ["", "engine/a.ts", "@marcbachmann/cel-js"],
  ["", "engine/a.ts", "./limits.js"],
  ["ports-are-types", "engine/ports/a.ts", "../limits.js"],
  ["", "engine/ports/a.ts", "./clock.js"],
  ["", "engine/ports/a.ts", "type ../limits.js"],
  // atoms
  ["atoms-import-no-adapter", "atoms/order/a.ts", "../../adapters/telemetry/log.js"],
  ["atoms-import-own-domain", "atoms/order/a.ts", "../merchant/check.js"],
  ["", "atoms/merchant/a.ts", "./check.js"],
  ["", "atoms/order/a.ts", "../fields.js"],
  ["", "atoms/index.ts", "./merchant/check.js"],
  // adapters
  ["adapter-group-member-imports-own-folder", "adapters/bus/amqp/a.ts", "../nats/bus.js"],
  ["adapter-group-member-imports-own-folder", "adapters/http/bridge/a.ts", "../../telemetry/log.js"],
  ["", "adapters/http/bridge/a.ts", "../sign.js"],
  // one database, one commit
  ["", "adapters/bus/postgres/a.ts", "../../store/postgres/database.js"],
  ["postgres-bus-shares-the-store", "adapters/bus/postgres/a.ts", "../nats/bus.js"],
  ["postgres-bus-shares-the-store", "adapters/bus/postgres/a.ts", "../../telemetry/log.js"],
  ["adapter-group-member-imports-own-folder", "adapters/store/postgres/a.ts", "../../bus/postgres/bus.js"],
  ["adapter-group-member-imports-own-folder", "adapters/bus/nats/a.ts", "../../store/postgres/database.js"],
  ["adapter-group-shares-single-files", "adapters/http/a.ts", "../telemetry/log.js"],
  ["adapter-imports-own-folder", "adapters/telemetry/a.ts", "../http/sign.js"],
  ["", "adapters/cli/a.ts", "../http/sign.js"],
  ["adapters-import-no-atom", "adapters/http/bridge/a.ts", "../../../atoms/fields.js"],
  ["", "adapters/compose/a.ts", "../../atoms/fields.js"],
  ["compose-is-for-main", "scripts/a.ts", "../adapters/compose.js"],
  ["compose-is-for-main", "bench/a.ts", "../adapters/compose.js"],
  ["", "adapters/cli/a.ts", "../compose.js"],
  ["product-imports-no-test", "adapters/cli/a.ts", "../../test/helper.js"],
  // console
  ["console-imports-only-itself", "console/src/a.ts", "../../engine/limits.js"],
  ["console-imports-only-itself", "console/src/pages/a/A.tsx", "type ../../../../engine/limits.js"],
  ["", "console/src/pages/a/A.tsx", "../../b"],
  ["nobody-imports-the-console", "adapters/http/admin/a.ts", "../../../console/src/b.js"],
  ["nobody-imports-the-console", "test/a.ts", "../console/src/b.js"],
  ["", "console/src/a.ts", "antd"],
  ["one-home-console", "adapters/http/admin/a.ts", "antd"],
  ["one-home-console", "test/a.ts", "react-dom"],
  ["one-home-console", "engine/a.ts", "@codemirror/state"],
  // vendors
  ["one-home-amqplib", "adapters/bus/nats/a.ts", "amqplib"],
  ["", "adapters/bus/amqp/a.ts", "amqplib"],
  ["one-home-nats", "adapters/bus/amqp/a.ts", "@nats-io/jetstream"],
  ["one-home-postgres", "adapters/http/bridge/a.ts", "pg"],
  ["one-home-postgres", "adapters/http/bridge/a.ts", "type pg"],
  ["one-home-postgres", "atoms/order/a.ts", "knex"],
  ["one-home-postgres", "adapters/cli/a.ts", "@electric-sql/pglite"],
  ["", "adapters/store/postgres/a.ts", "pg"],
  ["one-home-telemetry", "adapters/http/bridge/a.ts", "winston"],
  ["one-home-telemetry", "adapters/http/bridge/a.ts", "prom-client"],
  ["one-home-node-cron", "adapters/http/bridge/a.ts", "node-cron"],
  ["one-home-fastify", "adapters/store/postgres/a.ts", "fastify"],
  ["one-home-undici", "adapters/telemetry/a.ts", "undici"],
  ["one-home-commander", "adapters/http/bridge/a.ts", "commander"],
  ["one-home-argon2", "adapters/http/admin/a.ts", "@node-rs/argon2"],
  ["one-home-otpauth", "adapters/http/admin/a.ts", "otpauth"],
];

/** What the rows import. */
const targets: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "engine/limits.ts",
    "engine/ports/clock.ts",
    "atoms/fields.ts",
    "atoms/merchant/check.ts",
    "adapters/compose.ts",
    "adapters/bus/nats/bus.ts",
    "adapters/bus/postgres/bus.ts",
    "adapters/store/postgres/database.ts",
    "adapters/http/sign.ts",
    "adapters/telemetry/log.ts",
    "test/helper.ts",
    "console/src/b.ts",
  ].map((file) => [file, "export interface Shape {}\nexport const value = 1;\n"]),
);

function sourceOf(target: string): string {
  const name = target.replace(/^type /, "");
  return name === target
    ? `import * as all from "${name}";\nexport const used = all;\n`
    : `import type * as all from "${name}";\nexport type Used = typeof all;\n`;
}

describe("import rules", () => {
  let imports: Imports;
  before(async () => {
    imports = await importScript<Imports>("scripts/lib/imports.mjs");
  });
  const rulesBroken = (files: Readonly<Record<string, string>>): Promise<string[]> =>
    withTree(files, async (folder) => {
      const { violations } = await imports.checkImports(folder);
      return [...new Set(violations.map(({ rule }) => rule))];
    });

  for (const [rule, file, target] of table) {
    it(`${file} importing ${target}: ${rule || "allowed"}`, async () => {
      const broken = await rulesBroken({ ...targets, [file]: sourceOf(target) });
      if (rule) assert.ok(broken.includes(rule), `broken: ${broken.join(", ") || "none"}`);
      else assert.deepEqual(broken, []);
    });
  }

  it("two files that import each other: no-cycles", async () => {
    const broken = await rulesBroken({
      "engine/a.ts": `import { b } from "./b.js";\nexport const a = (): unknown => b;\n`,
      "engine/b.ts": `import { a } from "./a.js";\nexport const b = (): unknown => a;\n`,
    });
    assert.deepEqual(broken, ["no-cycles"]);
  });

  it("every rule has a row", async () => {
    const { forbidden } = await importScript<{ forbidden: readonly { name: string }[] }>(
      ".dependency-cruiser.cjs",
    );
    const tried = new Set([...table.map(([rule]) => rule), "no-cycles"]);
    assert.deepEqual(
      forbidden.map(({ name }) => name).filter((name) => !tried.has(name)),
      [],
    );
  });
});
