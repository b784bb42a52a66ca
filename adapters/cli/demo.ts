/** Finds the system that runs on a data directory, through the `demo.json` it wrote when it was ready. */
import { readFileSync } from "node:fs";
import { type DemoFile, demoFileOf } from "../data/demo-file.js";
import { CannotDo } from "./failure.js";

/** `--data`, else the same variable that tells `valence up` where its data is. */
export const dataDirOf = (data: string | undefined): string =>
  data ?? process.env["VALENCE_DATA_DIR"] ?? ".valence";

export function findDemo(dataDir: string): DemoFile | undefined {
  try {
    return JSON.parse(readFileSync(demoFileOf(dataDir), "utf8")) as DemoFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CannotDo(`${demoFileOf(dataDir)} cannot be read: ${(error as Error).message}`);
  }
}

/** @throws CannotDo when no system says that it runs there */
export function readDemo(dataDir: string): DemoFile {
  const demo = findDemo(dataDir);
  if (demo) return demo;
  throw new CannotDo(
    `no system runs on ${dataDir} (there is no ${demoFileOf(dataDir)}); start one with valence up, or name its folder with --data`,
  );
}

/** HTTP to a system that may have died. @throws CannotDo when nobody answers */
export async function ask(url: string, init: RequestInit & { readonly method: string }): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    throw new CannotDo(
      `nothing answers at ${new URL(url).origin} (${cause?.code ?? (error as Error).message}); is the system running? valence doctor tells more`,
    );
  }
}
