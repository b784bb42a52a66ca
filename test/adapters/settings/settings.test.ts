import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv } from "ajv";
import { loadSettings, type PartialSettings, type Settings } from "../../../adapters/settings/index.js";
import { defaultsDocument, settingsDocument } from "../../../adapters/settings/document.js";
import { allSettings, variableOf } from "../../../adapters/settings/schema.js";
import { ValenceError } from "../../../engine/errors.js";
import { root, withTree } from "../../support/checkout.js";

/** The lines of the refusal. */
function errorsOf(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    assert.ok(error instanceof ValenceError, String(error));
    assert.equal(error.code, "settings_invalid");
    return error.detail.split("\n");
  }
  return assert.fail("the settings were accepted");
}

describe("settings", () => {
  it("without anything given, the defaults hold, each of them", () => {
    const settings: Settings = loadSettings();
    for (const { section, name, spec } of allSettings) {
      const values = settings[section as keyof Settings] as Readonly<Record<string, unknown>>;
      assert.equal(values[name], spec.default, `${section}.${name}`);
    }
  });

  it("every default is one that its schema allows", () => {
    const ajv = new Ajv({ allErrors: true, strict: true, keywords: ["unit", "secret"] });
    for (const { key, spec } of allSettings) assert.ok(ajv.validate(spec, spec.default), key);
  });

  it("file beats defaults, environment beats file, command line beats environment", async () => {
    const file = `{ // comments are welcome\n "bridge": { "port": 1, "replyWaitMs": 11 }, "log": { "format": "text" }, }`;
    await withTree({ "own.json": file }, async (folder) => {
      const settings = loadSettings({
        configFile: path.join(folder, "own.json"),
        env: {
          VALENCE_BRIDGE_PORT: "2",
          VALENCE_ADMIN_PORT: "22",
          VALENCE_SIMULATOR_ENABLED: "false",
          PATH: "/bin",
        },
        overrides: { admin: { port: 3 } },
      });
      const { bridge, admin, simulator, log } = settings;
      assert.deepEqual(
        [bridge.replyWaitMs, log.format, bridge.port, admin.port, simulator.enabled, bridge.inFlightMax],
        [11, "text", 2, 3, false, 2000],
      );
    });
  });

  for (const [key, variable] of [
    ["data.dir", "VALENCE_DATA_DIR"],
    ["bridge.port", "VALENCE_BRIDGE_PORT"],
    ["bridge.replyWaitMs", "VALENCE_BRIDGE_REPLY_WAIT_MS"],
    ["database.connectionsMax", "VALENCE_DATABASE_CONNECTIONS_MAX"],
  ] as const) {
    it(`${key} is ${variable}`, () => assert.equal(variableOf(key), variable));
  }

  it("a file may give channels their settings; what they mean only the channel knows", async () => {
    const values = { acme: { baseUrl: "https://acme.example", retries: 2 } };
    await withTree({ "own.json": JSON.stringify({ channel: values }) }, async (folder) => {
      const env = { VALENCE_CHANNEL_ACME_SECRET: "read when the channel is loaded" };
      const settings = loadSettings({ configFile: path.join(folder, "own.json"), env });
      assert.deepEqual(settings.channel, values);
    });
    assert.deepEqual(loadSettings().channel, {});
    await withTree({ "own.json": '{ "channel": { "acme": ["x"] } }' }, async (folder) => {
      const [error] = errorsOf(() => loadSettings({ configFile: path.join(folder, "own.json") }));
      assert.match(error ?? "", /own\.json: channel: must be/);
    });
  });

  it("no two keys share a variable", () => {
    assert.equal(new Set(allSettings.map(({ variable }) => variable)).size, allSettings.length);
  });

  it("every error is listed at once, with key, what was given by whom, unit and default", async () => {
    const file = `{ "bridge": { "replyWaitMs": 1.5, "hots": "x" }, "workers": 7, "log": { "level": "loud" } }`;
    await withTree({ "own.json": file }, async (folder) => {
      const configFile = path.join(folder, "own.json");
      const env = {
        VALENCE_BRIDGE_PORT: "70000",
        VALENCE_BRIGDE_PORT: "1",
        VALENCE_SIMULATOR_ENABLED: "maybe",
      };
      assert.deepEqual(
        errorsOf(() => loadSettings({ configFile, env })).sort(),
        [
          "VALENCE_BRIGDE_PORT: there is no such setting",
          `${configFile}: bridge.hots: there is no such setting`,
          `${configFile}: workers: must be a section, an object of settings`,
          "bridge.port: must be <= 65535; given 70000 by VALENCE_BRIDGE_PORT (unit: TCP port; default: 8080)",
          `bridge.replyWaitMs: must be integer; given 1.5 by ${configFile} (unit: ms; default: 3000)`,
          `log.level: must be one of debug, info, warn, error; given "loud" by ${configFile} (unit: level; default: "info")`,
          'simulator.enabled: must be boolean; given "maybe" by VALENCE_SIMULATOR_ENABLED (unit: boolean; default: true)',
        ].sort(),
      );
    });
  });

  it("a defaults' file that lacks a key is refused: what holds must be readable in one place", async () => {
    const content = JSON.parse(defaultsDocument()) as { bridge: Record<string, unknown> };
    delete content.bridge["port"];
    await withTree({ "default.json": JSON.stringify(content) }, async (folder) => {
      const errors = errorsOf(() => loadSettings({ defaultsFile: path.join(folder, "default.json") }));
      assert.deepEqual(errors, ["bridge.port: missing (unit: TCP port; default: 8080)"]);
    });
  });

  for (const [content, reason] of [
    ['{ "bridge": { "port": 1 }', /own\.json:1: not JSON \(CloseBraceExpected\)/],
    ['{\n\n"bridge": }', /own\.json:3: not JSON \(ValueExpected\)/],
    ["[]", /must be a JSON object of sections/],
  ] as const) {
    it(`a file is refused with its place: ${content.replaceAll("\n", " ")}`, async () => {
      await withTree({ "own.json": content }, async (folder) => {
        const errors = errorsOf(() => loadSettings({ configFile: path.join(folder, "own.json") }));
        assert.match(errors.join("\n"), reason);
      });
    });
  }

  it("a file that is not there is an error", () => {
    assert.deepEqual(
      errorsOf(() => loadSettings({ configFile: "/nowhere/own.json" })),
      ["/nowhere/own.json: cannot be read (ENOENT)"],
    );
  });

  it("secrets are not shown, in no form", () => {
    const env = {
      VALENCE_DATABASE_URL: "mysql://root:hunter2@db.example/valence?password=hunter2",
      VALENCE_BUS_URL: "hunter2",
      VALENCE_ADMIN_TOKEN: "hunter2",
    };
    const errors = errorsOf(() => loadSettings({ env }));
    assert.equal(errors.length, 3);
    assert.doesNotMatch(errors.join("\n"), /hunter2|root/);
    assert.match(errors.join("\n"), /db\.example/);
  });

  const related: readonly (readonly [
    why: string,
    overrides: PartialSettings,
    refusal: RegExp | undefined,
  ])[] = [
    ["an open admin API needs a token", { admin: { host: "0.0.0.0" } }, /^admin\.token/],
    ["an open admin API with a token", { admin: { host: "0.0.0.0", token: "0123456789abcdef" } }, undefined],
    ["two servers on one port", { admin: { port: 8080 } }, /^bridge\.port/],
    ["free ports do not collide", { admin: { port: 0 }, bridge: { port: 0 } }, undefined],
    ["a simulator that is off needs no port", { simulator: { enabled: false, port: 8080 } }, undefined],
    ["a sweep inside the lease", { scheduler: { sweepAfterMs: 20_000 } }, /^scheduler\.sweepAfterMs/],
  ];
  for (const [why, overrides, refusal] of related) {
    it(`${why}: ${refusal ? "refused" : "accepted"}`, () => {
      if (!refusal) return void loadSettings({ overrides });
      const errors = errorsOf(() => loadSettings({ overrides }));
      assert.equal(errors.length, 1);
      assert.match(errors[0]!, refusal);
    });
  }

  for (const [file, content] of [
    ["config/default.json", defaultsDocument()],
    ["config/README.md", settingsDocument()],
  ] as const) {
    it(`${file} is what the table says (node dist/scripts/docs-settings.js writes it)`, () => {
      assert.equal(readFileSync(path.join(root, file), "utf8"), content);
    });
  }
});
