/**
 * More orders than the system can carry: each is taken or refused before it is accepted, what was accepted is
 * finished, and when the crowd has left there is room at once.
 */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type Database } from "../../adapters/store/postgres/database.js";
import { busKindsNow, verifying } from "../support/buses.js";
import { type Answer, Client } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { freshDatabase, type TestDatabase } from "../support/postgres.js";
import { RawConnection } from "../support/raw-http.js";
import { outcomeOf, reconcile } from "../support/reconcile.js";

const inFlightMax = 40;
const connectionsMax = 1_500;
const crowd = verifying ? 4_000 : 480;
/** Of the crowd at a time: far more than fit. */
const lanes = 160;
/** The institution takes so long for each; it takes few at a time, so that orders wait. */
const slowMs = 300;
const modules = [["bridge"], ["flow", "notify", "feed", "scheduler", "channel:simulator"]];
/** A bridge at rest has about 100 MiB; hundreds of requests with their sockets are a few more. */
const residentBytesMax = 256 * 1024 * 1024;

for (const bus of busKindsNow) {
  describe(`more orders than can be carried, messages on ${bus.name}`, function () {
    this.timeout(180_000);
    let testDatabase: TestDatabase;
    let database: Database;
    let cluster: Cluster;
    let client: Client;
    /** Numbers of the orders that were answered 2xx, and of those that were refused. */
    const accepted: string[] = [];
    const refused: Answer[] = [];

    before(async () => {
      testDatabase = await freshDatabase();
      const settings = {
        ...bus.settings(),
        VALENCE_BRIDGE_IN_FLIGHT_MAX: String(inFlightMax),
        VALENCE_BRIDGE_CONNECTIONS_MAX: String(connectionsMax),
        VALENCE_BRIDGE_REPLY_WAIT_MS: "1000",
        VALENCE_BRIDGE_ARRIVAL_MS_MAX: "3000",
        VALENCE_WORKERS_CHANNEL_CONCURRENCY: "16",
      };
      cluster = await Cluster.start(testDatabase.url, modules, new Map(), settings);
      database = connect({
        url: testDatabase.url,
        embedded: false,
        applicationName: "test",
        connectionsMax: 1,
      });
      client = new Client(cluster.bridge, cluster.credentials);
    });
    after(async () => {
      await cluster?.stop();
      await database?.close();
      await testDatabase?.drop();
    });

    const order = (merchantOrderId: string) => ({
      ...{ merchantOrderId, amount: 100, currency: "CNY", subject: "crowd", notifyUrl: cluster.notifyUrl },
    });
    /** What an integrator does: as long as it is not known whether the order was accepted, he sends it again. */
    async function certain(merchantOrderId: string): Promise<Answer> {
      for (let unknown = false, giveUpAtMs = Date.now() + 60_000; ;) {
        const answer = await client.post("/v1/orders", order(merchantOrderId)).catch((error: unknown) => {
          if (Date.now() > giveUpAtMs) throw error;
        });
        unknown ||= answer === undefined || answer.body["code"] === "accept_unconfirmed";
        // 408: on a busy machine this client itself may be slow. Nothing was accepted.
        const final = answer && answer.status !== 408 && (answer.status < 300 || !unknown);
        if (final) return answer;
        await pause(100);
      }
    }
    const fault = (method: "POST" | "DELETE", body?: object): Promise<unknown> =>
      fetch(`${cluster.simulator}/__sim/faults`, {
        method,
        ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
      });
    const residentBytes = async (): Promise<number> =>
      Number(
        /^process_resident_memory_bytes\{[^}]*\} (\S+)/m.exec(
          await (await fetch(`${cluster.bridge}/metrics`)).text(),
        )?.[1],
      );

    it("each is answered 2xx, or 503 overloaded with Retry-After", async () => {
      await fault("POST", { kind: "slow", rate: 1, delayMs: slowMs });
      let residentMax = 0;
      let done = false;
      const watch = (async () => {
        for (; !done; await pause(200)) residentMax = Math.max(residentMax, await residentBytes());
      })();
      let n = 0;
      const lane = async (): Promise<void> => {
        while (n < crowd) {
          const merchantOrderId = `crowd-${n++}`;
          const answer = await certain(merchantOrderId);
          if (answer.status < 300) accepted.push(merchantOrderId);
          else refused.push(answer);
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      done = true;
      await watch;
      for (const { status, body, retryAfter } of refused)
        assert.deepEqual([status, body["code"], retryAfter], [503, "overloaded", "1"]);
      assert.ok(accepted.length >= inFlightMax, `${accepted.length} were accepted`);
      assert.ok(
        refused.length >= lanes - inFlightMax,
        `only ${refused.length} were refused: that was no overload`,
      );
      assert.ok(residentMax < residentBytesMax, `${residentMax} bytes`);
    });

    it("there is room at once when the crowd has been answered", async () => {
      const answer = await certain("after-1");
      assert.ok(answer.status < 300, JSON.stringify(answer.body));
      accepted.push("after-1");
    });

    it("hundreds of connections that send half an order, or never take an answer, keep nobody out", async () => {
      await fault("DELETE");
      const head =
        "POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
      const crowding = Array.from({ length: 600 }, () => new RawConnection(cluster.bridge));
      const reading = crowding.map((connection, n) => {
        if (n % 6 > 0) return connection.write(head);
        connection.socket.pause();
        return connection.write("GET /docs HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20));
      });
      await Promise.all(reading);
      for (let n = 0; n < 20; n++) {
        const answer = await certain(`among-${n}`);
        assert.ok(answer.status < 300, JSON.stringify(answer.body));
        accepted.push(`among-${n}`);
      }
      // Half an order is not waited for.
      await Promise.all(crowding.filter((_, n) => n % 6 > 0).map(({ closed }) => closed));
      for (const [n, { answers }] of crowding.entries())
        if (n % 6 > 0)
          assert.deepEqual(
            answers.map(({ status }) => status),
            [408],
          );
      for (const { socket } of crowding) socket.destroy();
    });

    it("more connections than there may be are closed as they come; then there is room again", async () => {
      const many = Array.from({ length: connectionsMax + 100 }, () => new RawConnection(cluster.bridge));
      await Promise.race(many.map(({ closed }) => closed));
      for (const { socket } of many) socket.destroy();
      await Promise.all(many.map(({ closed }) => closed));
      let answer: Answer | undefined;
      for (let n = 0; n < 40 && !answer; n++)
        answer = await client
          .post("/v1/orders", order("after-2"))
          .catch(() => pause(50).then(() => undefined));
      assert.ok(answer && answer.status < 300, JSON.stringify(answer));
      accepted.push("after-2");
    });

    it("everything accepted is paid, told and entered once; nothing refused exists", async () => {
      await reconcile(cluster, database, accepted.length, 60_000);
      const { orders } = await outcomeOf(database);
      assert.equal(orders.length, accepted.length);
      assert.ok(cluster.lives("bridge"));
      if (process.env["FUZZ_REPORT"])
        console.log(JSON.stringify({ accepted: accepted.length, refused: refused.length }));
    });
  });
}
