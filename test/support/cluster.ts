/**
 * A whole system as processes that can be killed and started again one by one: modules on a shared PostgreSQL,
 * simulated institutions and the merchant each on their own, with fixed ports and files.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { vocabulary } from "../../atoms/index.js";
import { variableOf } from "../../adapters/channels/channel-settings.js";
import { readDefinitions } from "../../adapters/compose/root.js";
import { PostgresDefinitions } from "../../adapters/store/postgres/definitions.js";
import { systemRandom } from "../../adapters/system/clock.js";
import { Definitions } from "../../engine/registry/definitions.js";
import { connect } from "../../adapters/store/postgres/database.js";
import { migrate } from "../../adapters/store/postgres/migrate.js";
import { ensureMerchant } from "../../adapters/store/postgres/setup.js";
import { root } from "./checkout.js";
import type { Credentials } from "./client.js";
import { freePort } from "./ports.js";
import { valence } from "./system.js";

const simulatorSecret = "a-secret-of-the-institution";
const webhookSecret = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
const credentials: Credentials = {
  merchantId: "shop",
  keyId: "k1",
  secret: "a-secret-of-the-shop-0123456789",
};
const readyMsMax = 60_000;

interface Part {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ready: RegExp;
  child?: ChildProcess;
}

export class Cluster {
  readonly credentials = credentials;
  readonly #parts: ReadonlyMap<string, Part>;

  private constructor(
    private readonly dir: string,
    parts: Readonly<Record<string, Part>>,
    readonly bridge: string,
    /** Of the institution all channels share that have none of their own. */
    readonly simulator: string,
    readonly merchant: string,
    /** URLs of institutions, by channel; their processes go by the channel's name. */
    readonly institutions: ReadonlyMap<string, string>,
  ) {
    this.#parts = new Map(Object.entries(parts));
  }

  /**
   * `modules`: one process per entry, each a list of module names; `logins`: its own database URL, by process;
   * `more`: settings of all of them; `flows`: a change to the shipped definitions, put in force before they start;
   * `own`: settings of one process, by its name; `apart`: channels with an institution of their own. */
  static async start(
    databaseUrl: string,
    modules: readonly (readonly string[])[],
    logins: ReadonlyMap<string, string> = new Map(),
    more: Readonly<Record<string, string>> = {},
    flows?: (text: string, path: string) => string,
    own: (name: string) => Readonly<Record<string, string>> = () => ({}),
    apart: readonly string[] = [],
  ): Promise<Cluster> {
    const dir = mkdtempSync(path.join(tmpdir(), "valence-cluster-"));
    const [bridgePort, simulatorPort, merchantPort] = [await freePort(), await freePort(), await freePort()];
    const url = (port: number): string => `http://127.0.0.1:${port}`;
    const institutionPorts = new Map<string, number>([["simulator", simulatorPort]]);
    for (const channel of apart) institutionPorts.set(channel, await freePort());
    await migrate({ url: databaseUrl, embedded: false });
    const database = connect({
      url: databaseUrl,
      embedded: false,
      applicationName: "test",
      connectionsMax: 1,
    });
    await ensureMerchant(database.pool, {
      merchantId: credentials.merchantId,
      name: "Shop",
      businesses: ["pay", "topup"],
      webhookSecret,
      keyId: credentials.keyId,
      hmacSecret: credentials.secret,
    });
    if (flows) {
      const files = readDefinitions(path.join(root, "flows")).map((file) => ({
        ...file,
        text: flows(file.text, file.path),
      }));
      const store = new PostgresDefinitions(database.pool, systemRandom);
      const nobody = { live: () => Promise.resolve([]) };
      const result = await new Definitions({ store, modules: nobody, vocabulary }).install(files, {
        author: "test",
        reason: "shorter waits",
      });
      if (!result.applied) throw new Error(JSON.stringify(result));
    }
    await database.close();
    const env = {
      VALENCE_BRIDGE_PORT: String(bridgePort),
      VALENCE_ADMIN_PORT: "0",
      VALENCE_NOTIFY_ALLOW_LOOPBACK: "true",
      VALENCE_SIMULATOR_URL: url(simulatorPort),
      VALENCE_SIMULATOR_SECRET: simulatorSecret,
      VALENCE_LOG_LEVEL: "warn",
      ...Object.fromEntries(
        apart.map((name) => [variableOf(name, "baseUrl"), url(institutionPorts.get(name) ?? 0)]),
      ),
      ...more,
    };
    const script = (file: string): string => path.join(root, "dist", file);
    const institution = ([channel, port]: readonly [string, number]): readonly [string, Part] => [
      channel,
      {
        command: [
          script("adapters/channels/simulator/main.js"),
          ...["--port", String(port), "--ledger", path.join(dir, `ledger-${channel}`)],
          ...["--callback-url", `${url(bridgePort)}/channels/${channel}/notify`],
        ],
        env: { VALENCE_SIMULATOR_SECRET: simulatorSecret },
        ready: /simulator\.started/,
      },
    ];
    const parts: Record<string, Part> = {
      ...Object.fromEntries([...institutionPorts].map(institution)),
      merchant: {
        command: [
          script("adapters/http/merchant/main.js"),
          ...["--port", String(merchantPort), "--file", path.join(dir, "notifications")],
        ],
        env: { VALENCE_MERCHANT_SECRET: webhookSecret },
        ready: /merchant\.started/,
      },
    };
    for (const names of modules) {
      const process_ = names.join("+");
      const login = logins.get(process_) ?? databaseUrl;
      const command = [valence, "run", ...names, "--database", login, "--data", dir];
      parts[process_] = { command, env: { ...env, ...own(process_) }, ready: /^ready /m };
    }
    const cluster = new Cluster(
      ...([dir, parts, url(bridgePort), url(simulatorPort), url(merchantPort)] as const),
      new Map([...institutionPorts].map(([channel, port]) => [channel, url(port)])),
    );
    try {
      // The world outside at once, the modules one after the other.
      const outside = [...institutionPorts.keys(), "merchant"];
      await Promise.all(outside.map((name) => cluster.up(name)));
      for (const name of cluster.names) if (!outside.includes(name)) await cluster.up(name);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get names(): readonly string[] {
    return [...this.#parts.keys()];
  }

  get notifyUrl(): string {
    return `${this.merchant}/notify`;
  }

  async up(name: string): Promise<void> {
    const part = this.#part(name);
    // For looking inside: VALENCE_TEST_NODE_ARGS="--cpu-prof --cpu-prof-dir=/some/folder"
    const nodeArgs = process.env["VALENCE_TEST_NODE_ARGS"]?.split(" ") ?? [];
    const child = spawn(process.execPath, [...nodeArgs, ...part.command], {
      env: { ...process.env, ...part.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    part.child = child;
    let said = "";
    child.stderr.on("data", (text: Buffer) => (said = (said + String(text)).slice(-20_000)));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} is not ready: ${said}`)), readyMsMax);
      child.stdout.on("data", (text: Buffer) => {
        if (!part.ready.test(String(text))) return;
        clearTimeout(timer);
        resolve();
      });
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`${name} ended with ${signal ?? code}: ${said}`));
      });
    });
  }

  /** kill -9, by the pid of a process this cluster started. */
  async kill(name: string): Promise<void> {
    await this.#end(this.#part(name), "SIGKILL");
  }

  /** SIGTERM: the process stops in order. */
  async end(name: string): Promise<void> {
    await this.#end(this.#part(name), "SIGTERM");
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => this.#end(part, "SIGTERM")));
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** False: its process has ended, by itself or by ours. */
  lives(name: string): boolean {
    const { child } = this.#part(name);
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** At all institutions. */
  async charges(): Promise<readonly { readonly paymentId: string; readonly amount: number }[]> {
    const urls = [...this.institutions.values()];
    const lists = await Promise.all(urls.map(async (url) => (await fetch(`${url}/__sim/charges`)).json()));
    return lists.flat() as never;
  }

  async deliveries(): Promise<
    readonly {
      readonly type: string;
      readonly webhookId: string;
      readonly data: { readonly orderId: string };
    }[]
  > {
    const { deliveries } = (await (await fetch(`${this.merchant}/notifications`)).json()) as {
      deliveries: never;
    };
    return deliveries;
  }

  #part(name: string): Part {
    const part = this.#parts.get(name);
    if (!part) throw new Error(`no process ${name} in this cluster`);
    return part;
  }

  async #end({ child }: Part, signal: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await gone;
    clearTimeout(timer);
  }
}
