/** `scripts/services` in a checkout of its own. */
import assert from "node:assert/strict";
import { chmodSync, cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { root, withTree } from "./checkout.js";
import { runProgram, type Ended } from "./process.js";

export type Services = (...args: readonly string[]) => Promise<Ended>;

/** A checkout with nothing but the script; whatever it started is stopped at the end. */
export async function withServices(
  options: {
    readonly mode: number;
    readonly extra?: Readonly<Record<string, string>>;
    readonly url?: string;
  },
  use: (services: Services, folder: string) => Promise<void>,
): Promise<void> {
  await withTree(options.extra ?? {}, async (folder) => {
    chmodSync(folder, options.mode);
    for (const part of ["services", "services.d", "lib"]) {
      cpSync(path.join(root, "scripts", part), path.join(folder, "scripts", part), { recursive: true });
    }
    const env = { TEST_POSTGRES_URL: options.url, TEST_AMQP_URL: undefined, TEST_REDIS_URL: undefined };
    const services: Services = (...args) => runProgram(path.join(folder, "scripts/services"), args, { env });
    const homes = ["postgres", "rabbitmq"].map((name) => path.join(folder, ".services", name, "home"));
    try {
      await use(services, folder);
    } finally {
      await services("down", "postgres", "rabbitmq", "redis");
      for (const home of homes.filter((file) => existsSync(file))) {
        rmSync(readFileSync(home, "utf8").trim(), { recursive: true, force: true });
      }
    }
  });
}

/** The URL that `scripts/services env` prints. */
export const urlIn = ({ stdout }: Ended, variable = "TEST_POSTGRES_URL"): string =>
  new RegExp(`^export ${variable}=(\\S+)$`, "m").exec(stdout)?.[1] ?? assert.fail(stdout);
