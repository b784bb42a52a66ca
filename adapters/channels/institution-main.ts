/**
 * A simulated institution as a process of its own. Flags first, then `VALENCE_<NAME>_*`; the secret comes from the
 * environment only, because arguments are visible to every user of the host. Prints one JSON line when it listens.
 */
import { parseArgs } from "node:util";
import { startInstitution, type InstitutionKind } from "./institution-server.js";

const optionsTaken = {
  port: { type: "string" },
  host: { type: "string" },
  ledger: { type: "string" },
  "callback-url": { type: "string" },
  dedupe: { type: "boolean" },
  seed: { type: "string" },
  "payer-delay-ms": { type: "string" },
  "no-fsync": { type: "boolean" },
} as const;

/** @param name of the program; `harbour` reads `VALENCE_HARBOUR_SECRET` and says `harbour.started`. */
export async function institutionMain(
  name: string,
  kindOf: (secret: string) => InstitutionKind,
  portPreset: number,
): Promise<void> {
  const prefix = `VALENCE_${name.toUpperCase().replaceAll("-", "_")}_`;
  const { values: flags } = parseArgs({ options: optionsTaken });
  const env = (key: string): string | undefined => process.env[prefix + key] || undefined;
  const fail = (message: string): never => {
    process.stderr.write(
      `${message}\nusage: ${prefix}SECRET=... ${name} --ledger FILE [--port ${portPreset}] [--host 127.0.0.1]\n` +
        "  [--callback-url URL] [--dedupe] [--seed 1] [--payer-delay-ms 300] [--no-fsync]\n",
    );
    process.exit(2);
  };
  const integer = (text: string | undefined, preset: number): number => {
    const value = text === undefined ? preset : Number(text);
    return Number.isSafeInteger(value) && value >= 0 ? value : fail(`"${text}" is not a whole number`);
  };

  const ledgerFile = flags.ledger ?? env("LEDGER") ?? fail("which ledger file?");
  const secret = env("SECRET") ?? fail(`${prefix}SECRET is not set`);
  const callbackUrl = flags["callback-url"] ?? env("CALLBACK_URL");
  const host = flags.host ?? env("HOST");
  const institution = await startInstitution(kindOf(secret), {
    port: integer(flags.port ?? env("PORT"), portPreset),
    ledgerFile,
    dedupe: flags.dedupe ?? env("DEDUPE") === "true",
    seed: integer(flags.seed ?? env("SEED"), 1),
    payerDelayMs: integer(flags["payer-delay-ms"] ?? env("PAYER_DELAY_MS"), 300),
    fsync: !(flags["no-fsync"] ?? env("FSYNC") === "false"),
    ...(host === undefined ? {} : { host }),
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  });
  process.stdout.write(
    `${JSON.stringify({ event: `${name}.started`, url: institution.url, pid: process.pid })}\n`,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void institution.close().then(() => process.exit(0)));
}
