/** A PostgreSQL of one's own, durable as in production, which can be killed in the middle of a commit. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { type OwnServer, startOwnServer } from "./own-server.js";
import { freePort } from "./ports.js";

/** Debian keeps each major version in a folder of its own. */
const packages = "/usr/lib/postgresql";

function programs(): string {
  const versions = existsSync(packages) ? readdirSync(packages) : [];
  const folder = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => path.join(packages, version, "bin"))
    .find((bin) => existsSync(path.join(bin, "postgres")));
  if (folder !== undefined) return folder;
  throw new Error(
    "no PostgreSQL is installed, and these tests kill a server of their own: scripts/services up postgres installs it",
  );
}

const idOf = (what: "-u" | "-g"): number =>
  Number(execFileSync("id", [what, "postgres"], { encoding: "utf8" }));
/** It refuses to run as root. */
const serviceUser = (): { readonly uid: number; readonly gid: number } | undefined =>
  process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : undefined;

const settings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
log_min_messages = warning
`;

/** Its URL names a database that exists. @throws Error when it is not installed or does not start */
export async function startPostgresServer(): Promise<OwnServer> {
  const bin = programs();
  const user = serviceUser();
  return startOwnServer(async (folder) => {
    const password = randomBytes(12).toString("hex");
    const port = await freePort();
    const [data, secret] = [path.join(folder, "data"), path.join(folder, "password")];
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(secret, password, { mode: 0o600 });
    if (user) for (const each of [folder, data, secret]) chownSync(each, user.uid, user.gid);
    const create = ["-D", data, "-U", "valence", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8"];
    execFileSync(path.join(bin, "initdb"), [...create, "--no-locale"], { ...user, stdio: "ignore" });
    appendFileSync(path.join(data, "postgresql.conf"), settings);
    const url = `postgres://valence:${password}@127.0.0.1:${port}/postgres`;
    return {
      kind: "PostgreSQL",
      url,
      program: path.join(bin, "postgres"),
      args: ["-D", data, "-p", String(port)],
      ...(user ? { user } : {}),
      // Backends of a killed server hold its memory until they notice.
      triesMax: 50,
      ready: () => serves(url),
    };
  });
}

async function serves(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
