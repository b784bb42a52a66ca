/** The demo merchant as a process of its own. Flags first, then `VALENCE_MERCHANT_*`; the secret by environment only. */
import { parseArgs } from "node:util";
import { startMerchant } from "./server.js";

const { values: flags } = parseArgs({
  options: { port: { type: "string" }, host: { type: "string" }, file: { type: "string" } },
});
const env = (name: string): string | undefined => process.env[`VALENCE_MERCHANT_${name}`] || undefined;

const port = Number(flags.port ?? env("PORT") ?? 8092);
const file = flags.file ?? env("FILE");
const secret = env("SECRET");
const host = flags.host ?? env("HOST");
if (!Number.isSafeInteger(port) || file === undefined || secret === undefined) {
  process.stderr.write(
    "usage: VALENCE_MERCHANT_SECRET=whsec_... merchant --file FILE [--port 8092] [--host 127.0.0.1]\n",
  );
  process.exit(2);
}

const merchant = await startMerchant({ port, file, secret, ...(host === undefined ? {} : { host }) });
process.stdout.write(
  `${JSON.stringify({ event: "merchant.started", url: merchant.url, pid: process.pid })}\n`,
);

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void merchant.close().then(() => process.exit(0)));
