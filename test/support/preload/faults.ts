/**
 * Loaded into a process of the product by `node --import`, from outside: on a signal it behaves as a defect would.
 *
 *     SIGUSR2   its event loop stands still for FAULT_BLOCK_MS
 *     SIGHUP    from now on, no transaction ever ends
 *     SIGWINCH  its heartbeat thread dies of an error
 */
import { isMainThread, Worker } from "node:worker_threads";
import { Executor } from "../../../engine/runtime/executor.js";

if (isMainThread) {
  process.on("SIGUSR2", () => {
    const blockMs = Number(process.env["FAULT_BLOCK_MS"]);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
  });
  process.on("SIGHUP", () => {
    Executor.prototype.run = () => new Promise(() => undefined);
  });
  const threads: Worker[] = [];
  const unref = Worker.prototype.unref;
  // Every thread of ours is unreferenced as soon as it is made, which is how this file hears of it.
  Worker.prototype.unref = function (this: Worker): void {
    threads.push(this);
    unref.call(this);
  };
  process.on("SIGWINCH", () => {
    for (const thread of threads) void thread.terminate();
  });
}
