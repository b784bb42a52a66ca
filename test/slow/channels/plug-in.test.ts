/** Channels started as processes of their own beside a running system, on a real PostgreSQL. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { harbourKind } from "../../../adapters/channels/harbour/institution.js";
import { start, stopWorld, until, type Institution } from "../../contract/channel-world.js";
import { root } from "../../support/checkout.js";
import { cli } from "../../support/cli.js";
import { Client, type Answer } from "../../support/client.js";
import { freshDatabase, type TestDatabase } from "../../support/postgres.js";
import { startRun, startUp, type RunningModules, type RunningUp } from "../../support/system.js";

const secret = "a-secret-of-the-harbour";

describe("channels beside a running system", function () {
  this.timeout(120_000);
  let folder: string;
  let database: TestDatabase;
  let system: RunningUp;
  let client: Client;
  let harbour: Institution;
  const modules: RunningModules[] = [];
  let orders = 0;

  const order = (some: Readonly<Record<string, unknown>>): Promise<Answer> =>
    client.post("/v1/orders", {
      merchantOrderId: `plug-in-${(orders += 1)}`,
      amount: 1205,
      currency: "CNY",
      subject: "Tea",
      ...some,
    });

  const startChannel = async (
    name: string,
    env: Readonly<Record<string, string>>,
  ): Promise<RunningModules> => {
    const started = await startRun([`channel:${name}`], { databaseUrl: database.url, env });
    modules.push(started);
    return started;
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "valence-plug-in-"));
    database = await freshDatabase();
    system = await startUp({ dataDir: path.join(folder, "data"), databaseUrl: database.url });
    client = new Client(system.demo.bridge, system.demo);
    harbour = await start(harbourKind(secret), {
      callbackUrl: `${system.demo.bridge}/channels/harbour/notify`,
    });
  });
  after(async () => {
    for (const each of modules) await each.stop();
    await system.stop();
    await stopWorld();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("a channel nobody has started takes no orders; started, it does, and nothing else was touched", async () => {
    const refused = await order({ channel: "harbour" });
    assert.deepEqual([refused.status, refused.body["code"]], [422, "no_route"]);
    await startChannel("harbour", {
      VALENCE_CHANNEL_HARBOUR_BASE_URL: harbour.url,
      VALENCE_CHANNEL_HARBOUR_SECRET: secret,
    });
    const paid = await until(
      () => order({ channel: "harbour" }),
      ({ status }) => status !== 422,
    );
    assert.deepEqual([paid.body["status"], paid.body["channel"]], ["paid", "harbour"]);
    const [row, ...more] = await harbour.charges();
    assert.deepEqual([row?.amount, row?.channelOrderId, more], [1205, paid.body["channelOrderId"], []]);
  });

  it("its callback reaches it through the bridge, in its own dialect: a scanned code is paid once", async () => {
    const waiting = await order({ channel: "harbour", method: "qr", amount: 77 });
    const done = await until(
      () => client.get(`/v1/orders/${String(waiting.body["orderId"])}`),
      ({ body }) => body["status"] === "paid",
    );
    assert.equal(done.body["channel"], "harbour");
    assert.equal((await harbour.charges()).filter(({ amount }) => amount === 77).length, 1);
  });

  it("a folder outside of the product with a channel.json and another's driver is a channel, too", async () => {
    const shipped = JSON.parse(
      readFileSync(path.join(root, "adapters/channels/harbour/channel.json"), "utf8"),
    ) as Readonly<Record<string, unknown>>;
    const file = path.join(folder, "contracts", "harbour-qr", "channel.json");
    mkdirSync(path.dirname(file), { recursive: true });
    const contract = { channel: "harbour-qr", driver: "harbour", methods: ["qr"], settings: undefined };
    const given = { with: { baseUrl: harbour.url, partner: "20000002" } };
    writeFileSync(file, JSON.stringify({ ...shipped, ...contract, ...given }));
    await startChannel("harbour-qr", {
      VALENCE_CHANNELS_DIR: path.join(folder, "contracts"),
      VALENCE_CHANNEL_HARBOUR_QR_SECRET: secret,
    });
    const answer = await until(
      () => order({ channel: "harbour-qr", method: "qr", amount: 78 }),
      ({ status }) => status !== 422,
    );
    assert.equal(answer.body["channel"], "harbour-qr");
    await until(
      () => harbour.charges(),
      (rows) => rows.some(({ amount }) => amount === 78),
    );
  });

  it("a channel that is not there: the process ends and says which there are", async () => {
    const { code, stderr } = await cli(["run", "channel:nobody", "--database", database.url]);
    assert.equal(code, 1);
    assert.match(stderr, /there is no channel nobody; there are\n.*adapters\/channels: .*harbour.*simulator/);
  });

  it("a channel without its secret does not start, and says which variable is missing", async () => {
    const { code, stderr } = await cli(["run", "channel:harbour", "--database", database.url]);
    assert.equal(code, 1);
    assert.match(stderr, /secret \(VALENCE_CHANNEL_HARBOUR_SECRET; key both sides sign with\): missing/);
  });
});
