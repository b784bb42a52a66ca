/** What a command says when it fails, and what it exits with: 0 fine, 1 the thing asked for failed, 2 usage. */
import { CommanderError } from "commander";
import { type ErrorEntry, ValenceError } from "../../engine/errors.js";

/** The thing asked for failed and everything worth saying has been said already. */
export class Failed extends Error {}

/** The thing asked for cannot be done; `message` says why and what to do instead. */
export class CannotDo extends Error {}

const nextStep: Readonly<Record<ErrorEntry["next"], string>> = {
  "fix-request": "correct what was given, then try again",
  retry: "try again in a moment",
  inquire: "it is not known whether it was done: look before repeating it",
  page: "this needs a person: read the log of the process",
  none: "",
};

/** Failures of the machine that say more by their name than by Node's message. */
const systemFailures: Readonly<Record<string, (error: NodeJS.ErrnoException) => string>> = {
  EADDRINUSE: (error) =>
    `${portOf(error)} is taken by another process; set VALENCE_BRIDGE_PORT, VALENCE_ADMIN_PORT, VALENCE_SIMULATOR_PORT or VALENCE_MERCHANT_PORT (0 picks a free port)`,
  EACCES: (error) => `no permission: ${error.message}; choose another folder with --data, or another port`,
  ENOSPC: (error) => `the disk is full: ${error.message}`,
  EROFS: (error) => `${error.path ?? "the folder"} cannot be written to; choose another with --data`,
};

const portOf = (error: NodeJS.ErrnoException): string => {
  const { address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  return port === undefined ? "a port" : `port ${port} of ${address ?? "this machine"}`;
};

/** `code: detail (what to do)`, or the plain message of what is not ours. */
export function describeFailure(error: unknown): string {
  if (error instanceof ValenceError) {
    const next = nextStep[error.entry.next];
    const lines = error.detail.split("\n");
    const told = lines.length === 1 ? ` ${lines[0]}` : lines.map((line) => `\n  ${line}`).join("");
    return `${error.code}:${told}${next === "" ? "" : `${lines.length === 1 ? " " : "\n"}(${next})`}`;
  }
  if (!(error instanceof Error)) return String(error);
  const known = systemFailures[(error as NodeJS.ErrnoException).code ?? ""];
  return known ? known(error) : error.message;
}

/** Says what went wrong, unless that was done, and returns the exit code. */
export function reportFailure(error: unknown): number {
  // Commander has printed its own message (or the help that was asked for).
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof Failed)) process.stderr.write(`valence: ${describeFailure(error)}\n`);
  return 1;
}
