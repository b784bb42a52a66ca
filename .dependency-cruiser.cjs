"use strict";
/**
 * Who may import whom (docs: the design's "house"). Run by scripts/check-imports.mjs; test/scripts/imports.test.ts
 * shows for each rule that it bites.
 */

/** One vendor, one home: the folders that may import a package. Everything else goes through a port. */
const homes = [
  { vendor: "amqplib", packages: ["amqplib"], folders: ["adapters/bus/amqp"] },
  { vendor: "nats", packages: ["nats", "@nats-io/[^/]+"], folders: ["adapters/bus/nats"] },
  {
    vendor: "postgres",
    packages: ["pg", "pg-[^/]+", "knex", "@electric-sql/[^/]+"],
    folders: ["adapters/store/postgres", "adapters/bus/postgres"],
  },
  { vendor: "telemetry", packages: ["winston", "prom-client"], folders: ["adapters/telemetry"] },
  { vendor: "node-cron", packages: ["node-cron"], folders: ["adapters/schedule"] },
  {
    vendor: "fastify",
    packages: ["fastify", "@fastify/[^/]+"],
    folders: ["adapters/http", "adapters/channels", "adapters/cli"],
  },
  { vendor: "undici", packages: ["undici"], folders: ["adapters/http", "adapters/channels", "adapters/cli"] },
  { vendor: "commander", packages: ["commander"], folders: ["adapters/cli"] },
  { vendor: "argon2", packages: ["@node-rs/argon2"], folders: ["adapters/identity"] },
  { vendor: "otpauth", packages: ["otpauth"], folders: ["adapters/identity"] },
];

/** What the console draws with; it has packages of its own (console/package.json). */
const drawing = [
  "react",
  "react-dom",
  "react-router",
  "react-i18next",
  "antd",
  "@ant-design/[^/]+",
  "echarts",
  "@xyflow/[^/]+",
  "codemirror",
  "@codemirror/[^/]+",
];

/** A package by name, resolved (…/node_modules/pg/lib/index.js) or not (pg). Its types count as itself. */
const anyOf = (packages) => `(^|node_modules/)(@types/)?(${packages.join("|")})(/|$)`;

const compose = "^adapters/compose(\\.ts$|/)";
/** Folders of adapters whose members are adapters themselves: adapters/bus/amqp. */
const groups = "bus|store|http|channels";
const product = "^(engine|atoms|adapters)/";

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const forbidden = [
  {
    name: "no-cycles",
    severity: "error",
    comment: "A cycle has no bottom.",
    from: {},
    to: { circular: true },
  },
  {
    name: "engine-imports-only-itself",
    severity: "error",
    comment: "The engine knows no atom, no adapter and no vendor but ajv and CEL.",
    from: { path: "^engine/" },
    to: {
      path: ".",
      pathNot: [
        "^engine/",
        anyOf(["ajv", "ajv-[^/]+", "@marcbachmann/cel-js", "jsonc-parser", "json-schema-to-ts"]),
      ],
      dependencyTypesNot: ["core"],
    },
  },
  {
    name: "ports-are-types",
    severity: "error",
    comment: "A port promises; it does not run code from elsewhere.",
    from: { path: "^engine/ports/" },
    to: { pathNot: "^engine/ports/", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "atoms-import-no-adapter",
    severity: "error",
    comment: "Atoms run anywhere: they see the world through ports.",
    from: { path: "^atoms/" },
    to: { path: "^(adapters|test|scripts|bench)/" },
  },
  {
    name: "atoms-import-own-domain",
    severity: "error",
    comment: "Atoms meet in transactions. What two domains share stands directly under atoms/.",
    from: { path: "^atoms/([^/]+)/" },
    to: { path: "^atoms/[^/]+/", pathNot: "^atoms/$1/" },
  },
  {
    name: "adapter-group-member-imports-own-folder",
    severity: "error",
    comment: "Adapters meet in compose. What siblings share stands directly under their common folder.",
    from: { path: `^adapters/(${groups})/([^/]+)/`, pathNot: "^adapters/bus/postgres/" },
    to: { path: "^adapters/", pathNot: ["^adapters/$1/$2/", "^adapters/$1/[^/]+\\.ts$"] },
  },
  {
    name: "postgres-bus-shares-the-store",
    severity: "error",
    comment:
      "The one exception: rows and messages are in one database and leave in one commit, so the bus on PostgreSQL " +
      "uses the connections and message rows of the store. It imports nothing else, and the store does not import it.",
    from: { path: "^adapters/bus/postgres/" },
    to: {
      path: "^adapters/",
      pathNot: ["^adapters/bus/postgres/", "^adapters/bus/[^/]+\\.ts$", "^adapters/store/postgres/"],
    },
  },
  {
    name: "adapter-group-shares-single-files",
    severity: "error",
    comment: "What siblings share knows none of them.",
    from: { path: `^adapters/(${groups})/[^/]+\\.ts$` },
    to: { path: "^adapters/", pathNot: "^adapters/$1/[^/]+\\.ts$" },
  },
  {
    name: "adapter-imports-own-folder",
    severity: "error",
    comment: "Adapters meet in compose, and in the CLI.",
    from: { path: `^adapters/(?!(?:${groups}|compose|cli)/)([^/]+)/` },
    to: { path: "^adapters/", pathNot: "^adapters/$1/" },
  },
  {
    name: "adapters-import-no-atom",
    severity: "error",
    comment: "The dictionary, the tables and the atoms are handed to adapters by compose.",
    from: { path: "^adapters/", pathNot: [compose, "^adapters/cli/"] },
    to: { path: "^atoms/" },
  },
  {
    name: "product-imports-no-test",
    severity: "error",
    comment: "What ships does not contain what proves it.",
    from: { path: product },
    to: { path: "^(test|scripts|bench)/" },
  },
  {
    name: "compose-is-for-main",
    severity: "error",
    comment: "Everything meets in compose; only the CLI and tests start everything.",
    from: { pathNot: [compose, "^adapters/cli/", "^test/"] },
    to: { path: compose },
  },
  {
    name: "console-imports-only-itself",
    severity: "error",
    comment: "The console runs in a browser and knows the admin API alone.",
    from: { path: "^console/" },
    to: { path: "^(engine|atoms|adapters|test|scripts|bench)/" },
  },
  {
    name: "nobody-imports-the-console",
    severity: "error",
    comment: "The product serves the console's built files; it does not run its code.",
    from: { pathNot: "^console/" },
    to: { path: "^console/" },
  },
  {
    name: "one-home-console",
    severity: "error",
    comment: "What draws in a browser is imported by the console alone.",
    from: { pathNot: "^console/" },
    to: { path: anyOf(drawing) },
  },
  ...homes.map(({ vendor, packages, folders }) => ({
    name: `one-home-${vendor}`,
    severity: "error",
    comment: `Only ${folders.join(", ")} may import this vendor; tests may, to look from outside.`,
    from: { path: product, pathNot: `^(${folders.join("|")})/` },
    to: { path: anyOf(packages) },
  })),
];

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|coverage|bench/peers|console/dist|console/vite\\.config\\.ts)" },
    // Imports that are only for types are imports, too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
