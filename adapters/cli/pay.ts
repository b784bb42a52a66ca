/** `valence pay`: an order of the demo merchant, sent as an integrator would send it. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { DemoFile } from "../data/demo-file.js";
import { orderRequest, type SignedRequest, signedRequest } from "../http/demo-shop.js";
import { ask, dataDirOf, readDemo } from "./demo.js";
import { CannotDo, Failed } from "./failure.js";
import { dataOption, jsonOption } from "./options.js";

interface PayOptions {
  readonly amount: number;
  readonly currency: string;
  readonly type: string;
  readonly method?: string;
  readonly wait?: true;
  readonly data?: string;
  readonly json?: true;
}

type Body = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Body;
}

const waitMsMax = 60_000;
const pollEveryMs = 500;
const decided: readonly unknown[] = ["paid", "failed", "closed"];

export function addPay(program: Command): void {
  program
    .command("pay")
    .description("send a signed demo order to the running bridge and show what comes back")
    .option("--amount <minor units>", "amount in minor units (100 is 1.00 CNY)", minorUnits, 100)
    .option("--currency <code>", "ISO 4217 code", "CNY")
    .option("--type <type>", "transaction type", "pay")
    .option("--method <method>", "payment method, as the channel calls it")
    .option("--wait", "wait until it is decided, 60 s at the most; exit 1 unless it is paid")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(pay);
}

function minorUnits(text: string): number {
  if (!/^\d+$/.test(text))
    throw new InvalidArgumentError("It is an integer in minor units: 100 is 1.00 CNY.");
  return Number(text);
}

async function pay(options: PayOptions): Promise<void> {
  const demo = readDemo(dataDirOf(options.data));
  const first = await sent(orderRequest(demo, options));
  const last = options.wait ? await untilDecided(demo, first) : first;
  process.stdout.write(options.json ? `${JSON.stringify(last.body, null, 2)}\n` : describe(last));
  if (last.status >= 400 || (options.wait && last.body["status"] !== "paid")) throw new Failed();
}

async function untilDecided(demo: DemoFile, first: Answer): Promise<Answer> {
  const path = first.location ?? `/v1/orders/${String(first.body["orderId"])}`;
  const giveUpAtMs = performance.now() + waitMsMax;
  let last = first;
  let said: unknown;
  while (last.status < 400 && !decided.includes(last.body["status"]) && performance.now() < giveUpAtMs) {
    if (said !== last.body["status"]) {
      said = last.body["status"];
      process.stderr.write(`valence: ${String(said)}, waiting ...\n`);
    }
    await sleep(pollEveryMs);
    // Each request is signed anew: a nonce is good once.
    last = await sent(signedRequest(demo, "GET", path));
  }
  return last;
}

async function sent({ url, init }: SignedRequest): Promise<Answer> {
  const response = await ask(url, init);
  const { status, headers } = response;
  return { status, location: headers.get("location"), body: await jsonOf(response) };
}

async function jsonOf(response: Response): Promise<Body> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Body;
  } catch {
    throw new CannotDo(
      `${response.url} does not answer like a bridge: HTTP ${response.status}, ${text.slice(0, 80)}`,
    );
  }
}

/** `201 paid`, then one line per member. */
function describe({ status, body }: Answer): string {
  const head = String(body["status"] ?? "");
  const isProblem = status >= 400;
  const lines = Object.entries(body)
    .filter(([name]) => name !== "status")
    .map(
      ([name, value]) => `  ${name.padEnd(16)} ${typeof value === "string" ? value : JSON.stringify(value)}`,
    );
  return `HTTP ${status}${isProblem ? "" : ` ${head}`}\n${lines.join("\n")}\n`;
}
