/** Starts what the tests of this folder talk to, and stops it after each test. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { v7 } from "uuid";
import type { ChannelDriver, ChargeRequest } from "../../../../engine/ports/channel.js";
import type { ChargeRow } from "../../../../adapters/channels/institution-control.js";
import { HmacHeaders, type Direction } from "../../../../adapters/channels/hmac-headers.js";
import { createHttpDriver } from "../../../../adapters/channels/http-driver.js";
import type { InstitutionOperation } from "../../../../adapters/channels/institution-dialect.js";
import type { RunningInstitution } from "../../../../adapters/channels/institution-server.js";
import { ownChannelsDir } from "../../../../adapters/channels/load.js";
import { readChannelFile } from "../../../../adapters/channels/manifest.js";
import { paths, prefix, simulatorDialect } from "../../../../adapters/channels/simulator/dialect.js";
import {
  startSimulator,
  type SimulatorOptions,
} from "../../../../adapters/channels/simulator/institution.js";
import type { LoggedRequest } from "../../../../adapters/channels/institution-requests.js";

export const secret = "a secret for tests";
export const patience = (): AbortSignal => new AbortController().signal;

export const { manifest } = readChannelFile(join(ownChannelsDir, "simulator", "channel.json"));

/** As the simulated institution and its driver sign. */
export const signatureHeaders = (
  key: string,
  direction: Direction,
  path: string,
  body: Uint8Array,
  nowMs: number,
): Record<string, string> => new HmacHeaders(prefix, key).sign(direction, path, body, nowMs);

const stops: (() => Promise<unknown>)[] = [];

export const atEnd = (stop: () => Promise<unknown>): void => void stops.push(stop);

/** For `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}

export async function temporaryFile(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "valence-"));
  atEnd(() => rm(folder, { recursive: true }));
  return join(folder, name);
}

export async function simulator(options: Partial<SimulatorOptions> = {}): Promise<RunningInstitution> {
  const ledgerFile = options.ledgerFile ?? (await temporaryFile("ledger.jsonl"));
  const started = await startSimulator({ port: 0, secret, payerDelayMs: 20, ...options, ledgerFile });
  atEnd(() => started.close());
  return started;
}

export function driver(
  baseUrl: string,
  options: { callTimeoutMs?: number; connections?: number; secret?: string } = {},
): ChannelDriver {
  const { callTimeoutMs = 2000, connections = manifest.concurrencyMax } = options;
  const made = createHttpDriver({
    manifest: { ...manifest, callTimeoutMs },
    dialect: simulatorDialect(options.secret ?? secret),
    baseUrl,
    connections,
  });
  atEnd(() => made.dispose());
  return made;
}

export const order = (some: Partial<ChargeRequest> = {}): ChargeRequest => ({
  paymentId: v7(),
  orderId: v7(),
  amountMinor: 1234,
  currency: "CNY",
  subject: "Two coffees",
  method: "card",
  returnUrl: undefined,
  ...some,
});

async function get<Body>(url: string): Promise<Body> {
  return (await (await fetch(url)).json()) as Body;
}

export const charges = (sim: { url: string }, paymentId?: string): Promise<ChargeRow[]> =>
  get(`${sim.url}/__sim/charges${paymentId === undefined ? "" : `?paymentId=${paymentId}`}`);

export const requests = (sim: { url: string }): Promise<LoggedRequest[]> => get(`${sim.url}/__sim/requests`);

export const postFault = (sim: { url: string }, fault: unknown): Promise<Response> =>
  fetch(`${sim.url}/__sim/faults`, { method: "POST", body: JSON.stringify(fault) });

type Json = Record<string, unknown>;

/** A signed call without the driver. */
export async function call(
  sim: { url: string },
  operation: Exclude<InstitutionOperation, "bill">,
  content: Json,
): Promise<{ status: number; body: Json }> {
  const body = Buffer.from(JSON.stringify(content));
  const headers = signatureHeaders(secret, "request", paths[operation], body, Date.now());
  const answer = await fetch(sim.url + paths[operation], { method: "POST", headers, body });
  return { status: answer.status, body: (await answer.json()) as Json };
}

/** Asks until `done`; mocha's timeout bounds it. */
export async function until<Value>(
  ask: () => Promise<Value>,
  done: (value: Value) => boolean,
): Promise<Value> {
  for (;;) {
    const value = await ask();
    if (done(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface ReceivedCallback {
  readonly headers: Record<string, string>;
  readonly bodyBase64: string;
  readonly paymentId: string;
}

/** Takes callbacks; `statuses` are its first answers, then 200. */
export async function receiver(
  statuses: number[] = [],
): Promise<{ url: string; received: ReceivedCallback[] }> {
  const received: ReceivedCallback[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const { paymentId } = JSON.parse(body.toString()) as { paymentId: string };
      const headers = request.headers as Record<string, string>;
      received.push({ headers, bodyBase64: body.toString("base64"), paymentId });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  return { url: `${await listen(server)}/channels/simulator/notify`, received };
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Turns "file too large" into the error a full disk gives, instead of the end of the process. */
const surviveFileLimit = "--import=data:text/javascript,process.on('SIGXFSZ',()=>{})";

/**
 * A program of ours as a real process; resolves when it says that it listens. With `fileBytesMax` (a multiple of 512)
 * no file it writes can grow beyond that.
 */
export async function processOf(
  program: string,
  flags: readonly string[],
  env: Record<string, string>,
  fileBytesMax?: number,
): Promise<{ url: string; child: ChildProcess; killed: () => Promise<void> }> {
  const main = fileURLToPath(new URL(`../../../../adapters/${program}/main.js`, import.meta.url));
  const command = [
    process.execPath,
    ...(fileBytesMax === undefined ? [] : [surviveFileLimit]),
    main,
    ...flags,
  ];
  const limit = fileBytesMax === undefined ? "" : `ulimit -f ${fileBytesMax / 512}; `;
  const child = spawn("/bin/sh", ["-c", `${limit}exec "$@"`, "sh", ...command], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const killed = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  atEnd(killed);
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url: string };
    return { url, child, killed };
  }
  throw new Error(`${program} ended before it listened`);
}
