/** Child processes that can be interrupted together with us. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { root } from "./paths.mjs";

/** The signal that asked us to stop, once there is one. */
export let interrupted;
const children = new Set();

/** The conventional exit code of a process that a signal ended. */
export const signalCode = (signal) => 128 + (constants.signals[signal] ?? 0);

/** From now on SIGINT, SIGTERM and SIGHUP stop what runs; whoever starts the next child looks at `interrupted`. */
export function catchSignals() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      interrupted ??= signal;
      for (const child of children) child.kill(signal);
    });
  }
}

/**
 * Runs a program with our terminal, in the checkout.
 * @param capture keeps what it prints to stdout from the terminal: `"stdout"`, or `"all"` for stderr as well.
 * @returns its exit code, and what was kept; 128 + n when a signal ended it; 127 when it could not be started.
 */
export function run(program, args, { env = {}, capture } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["inherit", capture ? "pipe" : "inherit", capture === "all" ? "pipe" : "inherit"],
    });
    children.add(child);
    let output = "";
    const keep = (text) => (output += text);
    child.stdout?.setEncoding("utf8").on("data", keep);
    child.stderr?.setEncoding("utf8").on("data", keep);
    const end = (code) => {
      children.delete(child);
      resolve({ code, output });
    };
    child.on("error", (error) => {
      process.stderr.write(`${program}: ${error.message}\n`);
      end(127);
    });
    child.on("close", (code, signal) => end(signal ? signalCode(signal) : code));
  });
}

/** `run` for a script of node's. */
export const node = (args, options) => run(process.execPath, args, options);
