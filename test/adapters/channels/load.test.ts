import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { variableOf, type SettingSources } from "../../../adapters/channels/channel-settings.js";
import { simulatorKind } from "../../../adapters/channels/simulator/institution.js";
import { findChannels, loadChannel, ownChannelsDir } from "../../../adapters/channels/load.js";
import { patience, payment, start, stopWorld } from "../../contract/channel-world.js";
import { withTree } from "../../support/checkout.js";

const shipped = JSON.parse(
  readFileSync(join(ownChannelsDir, "simulator", "channel.json"), "utf8"),
) as Readonly<Record<string, unknown>>;

/** The simulator's file with other values; undefined takes a key away. */
const channelJson = (some: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ ...shipped, ...some });

const contract = { settings: undefined, driver: "simulator" };
const secret = "a secret of the loader";
const refuses = async (name: string, dir: string, says: RegExp): Promise<void> =>
  assert.rejects(loadChannel(name, { dirs: [ownChannelsDir, dir] }), (error: Error) => {
    assert.match(error.message, says);
    return true;
  });

describe("loading channels", () => {
  afterEach(stopWorld);

  it("the channels of this build are there, the template is none of them", () => {
    const [own] = findChannels({ dirs: [ownChannelsDir] });
    const names = ["harbour", "simulator", "template"];
    assert.deepEqual(
      names.filter((name) => own?.channels.includes(name)),
      ["harbour", "simulator"],
    );
  });

  it("a folder with channel.json and index.js is a channel", async () => {
    const index = 'export const createDriver = ({ manifest }) => ({ manifest, hello: "world" });';
    const files = { "acme/channel.json": channelJson({ channel: "acme" }), "acme/index.js": index };
    await withTree({ ...files, "package.json": '{ "type": "module" }' }, async (dir) => {
      const channel = await loadChannel("acme", { dirs: [ownChannelsDir, dir] });
      const driver = channel.createDriver({ env: { VALENCE_CHANNEL_ACME_SECRET: "12345678" } }, 1);
      assert.equal(driver.manifest.channel, "acme");
      assert.equal((driver as unknown as { readonly hello: string }).hello, "world");
    });
  });

  it("a folder with channel.json only is a second contract with the institution of another's driver", async () => {
    const institution = await start(simulatorKind(secret));
    const own = channelJson({
      ...contract,
      channel: "sim-b",
      title: "B",
      with: { baseUrl: institution.url },
    });
    await withTree({ "sim-b/channel.json": own }, async (dir) => {
      const channel = await loadChannel("sim-b", { dirs: [ownChannelsDir, dir] });
      const driver = channel.createDriver({ env: { VALENCE_CHANNEL_SIM_B_SECRET: secret } }, 2);
      const asked = payment();
      assert.deepEqual([driver.manifest.channel, channel.driver], ["sim-b", "simulator"]);
      assert.equal((await driver.charge(asked, patience())).result, "approved");
      assert.equal((await institution.charges(asked.paymentId)).length, 1);
      await driver.dispose();
    });
  });

  it("an unknown channel: the error lists what was found, and where", () =>
    withTree({ "acme/channel.json": channelJson({ channel: "acme" }) }, (dir) =>
      refuses(
        "acmee",
        dir,
        new RegExp(`no channel acmee.*\\n${ownChannelsDir}: .*simulator.*\\n${dir}: acme`),
      ),
    ));

  it("names that are paths lead nowhere", () =>
    withTree({ "in/x/keep": "", "out/channel.json": channelJson({ channel: "out" }) }, (dir) =>
      refuses("../out", join(dir, "in"), /there is no channel \.\.\/out/),
    ));

  const wrong: readonly (readonly [what: string, content: string, says: RegExp])[] = [
    ["not JSON", "{", /x\/channel\.json: cannot be read/],
    ["a key missing", channelJson({ channel: "x", feeBps: undefined }), /x\/channel\.json: .*feeBps/],
    ["a key too many", channelJson({ channel: "x", fee: 1 }), /additional properties \(fee\)/],
    ["a wrong type", channelJson({ channel: "x", weight: "1" }), /channel\.json: weight: must be number/],
    [
      "a nested one",
      channelJson({ channel: "x", breaker: { failureRatio: 2 } }),
      /breaker\.failureRatio: must be <= 1/,
    ],
    ["no way to ask", channelJson({ channel: "x", operations: ["charge"] }), /operations/],
    [
      "another folder's name",
      channelJson({ channel: "y" }),
      /channel: must be the name of its folder, not y/,
    ],
    [
      "limits crossed",
      channelJson({ channel: "x", amountMinorMin: 9, amountMinorMax: 8 }),
      /amountMinorMin: must not be above/,
    ],
    [
      "a call longer than the send window",
      channelJson({ channel: "x", callTimeoutMs: 60_000 }),
      /callTimeoutMs: must be <= 8000/,
    ],
    ["no code", channelJson({ channel: "x" }), /there is no index\.js/],
    [
      "a driver that is not there",
      channelJson({ ...contract, channel: "x", driver: "nobody" }),
      /no channel nobody/,
    ],
  ];
  for (const [what, content, says] of wrong)
    it(`${what}: refused, naming file and key`, () =>
      withTree({ "x/channel.json": content }, (dir) => refuses("x", dir, says)));

  it("index.js without createDriver is refused", () =>
    withTree({ "x/channel.json": channelJson({ channel: "x" }), "x/index.js": "" }, (dir) =>
      refuses("x", dir, /index\.js: it must export createDriver/),
    ));

  describe("settings of a channel", () => {
    const settingsOf = async (
      given: Readonly<Record<string, unknown>>,
      sources: Omit<SettingSources, "given">,
    ): Promise<string> => {
      const json = channelJson({ channel: "x", with: given });
      const index = `export const createDriver = ({ settings }) => ({ manifest: settings.text("baseUrl") });`;
      const files = { "package.json": '{ "type": "module" }', "x/channel.json": json, "x/index.js": index };
      return withTree(files, async (dir) => {
        const channel = await loadChannel("x", { dirs: [dir] });
        return String(
          channel.createDriver({ presets: { secret, ...sources.presets }, ...sources }, 1).manifest,
        );
      });
    };
    const [preset, given, env] = ["http://preset", "http://given", "http://env"];

    it("the later wins: default, preset, channel.json, settings file, environment", async () => {
      const variable = variableOf("x", "baseUrl");
      assert.equal(variable, "VALENCE_CHANNEL_X_BASE_URL");
      const presets = { secret, baseUrl: preset };
      assert.equal(await settingsOf({}, {}), "http://127.0.0.1:8090");
      assert.equal(await settingsOf({}, { presets }), preset);
      assert.equal(await settingsOf({ baseUrl: given }, { presets }), given);
      const file = { baseUrl: "http://file" };
      assert.equal(await settingsOf({ baseUrl: given }, { presets, file }), file.baseUrl);
      assert.equal(await settingsOf({ baseUrl: given }, { presets, file, env: { [variable]: env } }), env);
    });

    it("every error at once, with the variable that sets it, and no secret", async () => {
      const env = { VALENCE_CHANNEL_X_BASE_URL: "ftp://there", VALENCE_CHANNEL_X_SECRET: "hush" };
      await assert.rejects(settingsOf({ baseURL: "x" }, { env }), ({ message }: Error) => {
        assert.match(message, /with\.baseURL: there is no such setting/);
        assert.match(message, /baseUrl \(VALENCE_CHANNEL_X_BASE_URL; .*must match.*"ftp:\/\/there"/);
        assert.match(message, /secret \(VALENCE_CHANNEL_X_SECRET;.*given \*\*\*/);
        assert.doesNotMatch(message, /hush/);
        return true;
      });
    });
  });
});
