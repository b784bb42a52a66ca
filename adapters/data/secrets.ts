/** Secrets that belong to a data directory: made once, kept in files only their owner can read. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** The secret in `<dir>/<name>`, made when it is not there. 32 random bytes, base64url. */
export function keptSecret(dir: string, name: string): string {
  const file = join(dir, name);
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const secret = randomSecret();
  writePrivate(file, `${secret}\n`);
  return secret;
}

export const randomSecret = (): string => randomBytes(32).toString("base64url");

/** Writes a file that only its owner can read; whole or not at all. */
export function writePrivate(file: string, text: string): void {
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.tmp`;
  const handle = openSync(draft, "w", 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}
