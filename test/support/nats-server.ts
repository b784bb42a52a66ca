import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type OwnServer, greets, startOwnServer } from "./own-server.js";
import { freePort } from "./ports.js";

/** Debian puts it where only root's PATH leads. */
const program = [...(process.env["PATH"] ?? "").split(path.delimiter), "/usr/sbin"]
  .map((folder) => path.join(folder, "nats-server"))
  .find(existsSync);

/** A NATS of one's own, with JetStream unless told otherwise. @throws Error when it is not installed */
export async function startNatsServer(
  options: { readonly jetstream: boolean } = { jetstream: true },
): Promise<OwnServer> {
  if (program === undefined) {
    throw new Error(
      "nats-server is not installed, and these tests kill a server of their own: scripts/services up nats installs it",
    );
  }
  return startOwnServer(async (folder) => {
    const password = randomBytes(12).toString("hex");
    const port = await freePort();
    const settings = path.join(folder, "server.conf");
    const lines = [
      `listen: "127.0.0.1:${port}"`,
      `authorization { user: valence, password: "${password}" }`,
      `log_file: "${path.join(folder, "server.log")}"`,
      ...(options.jetstream ? [`jetstream { store_dir: "${path.join(folder, "data")}" }`] : []),
    ];
    writeFileSync(settings, lines.join("\n"), { mode: 0o600 });
    return {
      kind: "NATS",
      url: `nats://valence:${password}@127.0.0.1:${port}`,
      program,
      args: ["-c", settings],
      // JetStream has recovered its store before clients are let in.
      ready: () => greets(port, "", /^INFO /),
    };
  });
}
