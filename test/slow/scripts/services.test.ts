import assert from "node:assert/strict";
import { whenVerifying } from "../../support/buses.js";
import { existsSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Broker } from "../../../engine/ports/broker.js";
import { createAmqpBroker } from "../../../adapters/bus/amqp/index.js";
import { systemClock, systemRandom } from "../../../adapters/system/clock.js";
import { silent } from "../../../engine/ports/telemetry.js";
import { publication, until } from "../../support/broker-inbox.js";
import { runProgram } from "../../support/process.js";
import { urlIn, withServices } from "../../support/services.js";

async function setting(url: string, name: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ value: string }>("select current_setting($1) as value", [name]);
    return rows[0]?.value;
  } finally {
    await client.end();
  }
}

async function withBroker(url: string, use: (broker: Broker) => Promise<void>): Promise<void> {
  const surroundings = { clock: systemClock, random: systemRandom, telemetry: silent };
  const broker = createAmqpBroker({ url, instance: "services-test", ...surroundings });
  await broker.open();
  try {
    await use(broker);
  } finally {
    await broker.close();
  }
}

/** What Redis answers to commands, line by line. @throws Error that it answers to the password */
async function redis(url: string, ...commands: readonly string[]): Promise<readonly string[]> {
  const { hostname, port, password } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(`AUTH ${password}\r\n${commands.map((command) => `${command}\r\n`).join("")}QUIT\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const [welcome, ...lines] = Buffer.concat(chunks).toString("utf8").trimEnd().split("\r\n");
  if (welcome !== "+OK") throw new Error(welcome);
  // Without the answer to QUIT.
  return lines.slice(0, -1);
}

describe("scripts/services", () => {
  before(function () {
    // Without either, the run itself was given a server, and there is none to start here.
    if (process.getuid?.() !== 0 && !existsSync("/usr/lib/postgresql")) this.skip();
  });

  it("two that start PostgreSQL at once get the same one; it is durable, found again, and stops", async () => {
    await withServices({ mode: 0o711 }, async (services, folder) => {
      assert.equal((await services("status", "postgres")).code, 1);
      const both = await Promise.all([services("up", "postgres"), services("up", "postgres")]);
      assert.deepEqual(
        both.map(({ code }) => code),
        [0, 0],
        both.map(({ stderr }) => stderr).join(),
      );
      const url = urlIn(await services("env", "postgres"));
      for (const name of ["fsync", "synchronous_commit", "full_page_writes"])
        assert.equal(await setting(url, name), "on");
      assert.equal(await setting(url, "listen_addresses"), "127.0.0.1");
      assert.equal(statSync(path.join(folder, ".services/postgres/password")).mode & 0o777, 0o600);
      const wrong = url.replace(/:[^:@]+@/, ":guess@");
      await assert.rejects(setting(wrong, "fsync"), /password authentication failed/);
      const status = await services("status", "postgres");
      assert.deepEqual([status.code, status.stdout], [0, "postgres running\n"]);
      assert.equal((await services("down", "postgres")).code, 0);
      assert.equal((await services("status", "postgres")).stdout, "postgres stopped\n");
      assert.equal((await services("env", "postgres")).stdout, "");
    });
  });

  it("a server that was killed comes back, whatever its pid file says", async () => {
    await withServices({ mode: 0o711 }, async (services, folder) => {
      await services("up", "postgres");
      const pidFile = path.join(folder, ".services/postgres/data/postmaster.pid");
      process.kill(Number(readFileSync(pidFile, "utf8").split("\n")[0]), "SIGKILL");
      assert.ok(existsSync(pidFile), "the pid file is stale");
      const { code, stderr } = await services("up", "postgres");
      assert.equal(code, 0, stderr);
      assert.equal(await setting(urlIn(await services("env", "postgres")), "fsync"), "on");
    });
  });

  it("root's checkout in a folder that only root may enter works, too", async function () {
    if (process.getuid?.() !== 0) return this.skip();
    await withServices({ mode: 0o700 }, async (services, folder) => {
      const { code, stderr } = await services("up", "postgres");
      assert.equal(code, 0, stderr);
      assert.equal(await setting(urlIn(await services("env", "postgres")), "fsync"), "on");
      assert.match(
        readFileSync(path.join(folder, ".services/postgres/home"), "utf8"),
        /^\/var\/tmp\/valence-/,
      );
    });
  });

  it("a server given by TEST_POSTGRES_URL is used, and nothing is started", async () => {
    const url = "postgres://somebody:it's@db.example:5432/x";
    await withServices({ mode: 0o711, url }, async (services, folder) => {
      const { code, stderr } = await services("up", "postgres");
      assert.equal(code, 0);
      assert.match(stderr, /TEST_POSTGRES_URL is set; nothing to start/);
      assert.ok(!existsSync(path.join(folder, ".services/postgres")));
      const { stdout } = await services("env", "postgres");
      const echoed = await runProgram("bash", ["-c", `${stdout}\nprintf %s "$TEST_POSTGRES_URL"`]);
      assert.equal(echoed.stdout, url);
    });
  });

  whenVerifying(
    "a RabbitMQ that was killed comes back with its data; it is private, and its name server is not Erlang's",
    async () => {
      await withServices({ mode: 0o711 }, async (services, folder) => {
        const both = await Promise.all([services("up", "rabbitmq"), services("up", "rabbitmq")]);
        assert.deepEqual(
          both.map(({ code }) => code),
          [0, 0],
          both.map(({ stderr }) => stderr).join(),
        );
        const url = urlIn(await services("env", "rabbitmq"), "TEST_AMQP_URL");
        await withBroker(url, async (broker) => {
          await broker.send(publication("kept"));
          // The node writes down its new queues within a second.
          await pause(2_000);
        });
        const node = path.join(folder, ".services/rabbitmq/node");
        assert.equal(statSync(path.join(node, "password")).mode & 0o777, 0o600);
        const pid = Number(readFileSync(path.join(node, "pid"), "utf8"));
        assert.match(readFileSync(`/proc/${pid}/cmdline`, "latin1"), /-erl_epmd_port/);
        process.kill(pid, "SIGKILL");
        await until("its end", () => !existsSync(`/proc/${pid}/cwd`));
        assert.equal((await services("status", "rabbitmq")).stdout, "rabbitmq stopped\n");
        const { code, stderr } = await services("up", "rabbitmq");
        assert.equal(code, 0, stderr);
        await withBroker(url, async (broker) => assert.deepEqual(await broker.depth("kept"), { ready: 1 }));
        await assert.rejects(
          withBroker(url.replace(/:[^:@]+@/, ":guess@"), () => Promise.resolve()),
          /ACCESS.REFUSED/,
        );
        assert.equal((await services("down", "rabbitmq")).code, 0);
        assert.equal((await services("env", "rabbitmq")).stdout, "");
      });
    },
  );

  whenVerifying("a Redis that was killed still has what it answered for; it is private", async () => {
    await withServices({ mode: 0o711 }, async (services, folder) => {
      assert.equal((await services("up", "redis")).code, 0);
      const url = urlIn(await services("env", "redis"), "TEST_REDIS_URL");
      assert.deepEqual(await redis(url, "CONFIG GET appendfsync", "SET kept yes"), [
        "*2",
        "$11",
        "appendfsync",
        "$6",
        "always",
        "+OK",
      ]);
      const state = path.join(folder, ".services/redis");
      for (const file of ["password", "server.conf"])
        assert.equal(statSync(path.join(state, file)).mode & 0o777, 0o600);
      const pid = Number(readFileSync(path.join(state, "server.pid"), "utf8"));
      process.kill(pid, "SIGKILL");
      await until("its end", () => !existsSync(`/proc/${pid}/cwd`));
      assert.equal((await services("status", "redis")).stdout, "redis stopped\n");
      assert.equal((await services("up", "redis")).code, 0);
      const again = urlIn(await services("env", "redis"), "TEST_REDIS_URL");
      assert.deepEqual(await redis(again, "GET kept"), ["$3", "yes"]);
      await assert.rejects(redis(again.replace(/:[^:@]+@/, ":guess@"), "GET kept"), /WRONGPASS/);
      assert.equal((await services("down", "redis")).code, 0);
      assert.equal((await services("env", "redis")).stdout, "");
    });
  });

  it("what few need is left out unless it is named", async () => {
    await withServices({ mode: 0o711 }, async (services) => {
      const { stdout } = await services("status");
      assert.match(stdout, /^nats /m);
      assert.doesNotMatch(stdout, /^redis /m);
      assert.equal((await services("status", "redis")).stdout, "redis stopped\n");
    });
  });

  it("a server that can be had in no way: exit 1, and the variable to set", async () => {
    const missing = [
      "fake_variable=TEST_FAKE_URL",
      "fake_running() { return 1; }",
      "fake_up() { PATH=/nowhere; apt_install fake $fake_variable fake-server; }",
      "fake_down() { :; }",
      "fake_url() { :; }",
    ].join("\n");
    await withServices(
      { mode: 0o711, extra: { "scripts/services.d/fake.sh": missing } },
      async (services) => {
        const { code, stderr } = await services("up", "fake");
        assert.equal(code, 1);
        assert.match(stderr, /set TEST_FAKE_URL to the URL of a server/);
      },
    );
  });

  it("an unknown service or command: exit 2 and how to call it", async () => {
    await withServices({ mode: 0o711 }, async (services) => {
      for (const args of [["up", "oracle"], ["sideways"], []]) {
        const { code, stderr } = await services(...args);
        assert.equal(code, 2);
        assert.match(stderr, /scripts\/services up/);
      }
    });
  });
});
