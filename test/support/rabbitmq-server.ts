import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type OwnServer, greets, startOwnServer } from "./own-server.js";
import { freePort } from "./ports.js";
import { root } from "./checkout.js";
import { runProgram } from "./process.js";

const script = path.join(root, "scripts/lib/rabbitmq-node.sh");

/** The protocol header of AMQP 0-9-1 and the method frame that answers it. */
const hello = Buffer.from("AMQP\0\0\x09\x01", "latin1");
const methodFrame = /^\x01/;

export interface RabbitmqServer extends OwnServer {
  /** Runs `rabbitmqctl`. @throws Error when that fails */
  ctl(...args: readonly string[]): Promise<void>;
}

/**
 * A RabbitMQ of one's own; up in about 8 s. `settings` are lines of rabbitmq.conf.
 * @throws Error when RabbitMQ is not installed
 */
export async function startRabbitmqServer(settings: readonly string[] = []): Promise<RabbitmqServer> {
  if ((await runProgram(script, ["--find"])).code !== 0) {
    throw new Error(
      "RabbitMQ is not installed, and these tests kill a server of their own: " +
        "scripts/services up rabbitmq installs it, RABBITMQ_SERVER names its program elsewhere",
    );
  }
  let home = "";
  const server = await startOwnServer(async (folder) => {
    home = path.join(folder, "node");
    const password = randomBytes(12).toString("hex");
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(path.join(home, "password"), password, { mode: 0o600 });
    writeFileSync(path.join(home, "extra.conf"), settings.map((line) => `${line}\n`).join(""));
    const [port, distributionPort] = [await freePort(), await freePort()];
    return {
      kind: "RabbitMQ",
      url: `amqp://valence:${password}@127.0.0.1:${port}/`,
      program: script,
      args: [home, String(port), String(distributionPort)],
      ready: () => greets(port, hello, methodFrame),
    };
  });
  return Object.assign(server, {
    ctl: async (...args: readonly string[]) => {
      const { code, stderr } = await runProgram(script, ["--ctl", home, "--quiet", ...args]);
      if (code !== 0) throw new Error(`rabbitmqctl ${args.join(" ")}: ${stderr}`);
    },
  });
}
