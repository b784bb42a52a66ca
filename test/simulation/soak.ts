/** Fresh seeds on every core, until the time is up or too many have failed. Each thread takes every n-th seed. */
import { Worker } from "node:worker_threads";
import type { Climate } from "./climate.js";
import { Counts } from "./counts.js";
import type { SeedDone, SoakThread } from "./soak-thread.js";

export interface SoakOptions {
  readonly forMs: number;
  readonly first: number;
  readonly threads: number;
  readonly climate: Partial<Climate>;
  readonly print: (line: string) => void;
}

const progressEveryMs = 10_000;
const failedMax = 3;

/** @returns the exit code: 1 when a seed failed */
export async function soak({ forMs, first, threads, climate, print }: SoakOptions): Promise<number> {
  const startedMs = Date.now();
  const total = new Counts();
  let toldMs = startedMs;
  let failed = 0;
  const done = (worker: Worker, { seed, counts, report }: SeedDone): void => {
    total.merge(new Counts(counts));
    if (report.length > 0) failed++;
    for (const line of report) print(line);
    const nowMs = Date.now();
    worker.postMessage(nowMs >= startedMs + forMs || failed >= failedMax ? "stop" : "next");
    if (nowMs - toldMs < progressEveryMs) return;
    toldMs = nowMs;
    process.stderr.write(`soak: seed ${seed}, ${total.of("orders")} orders\n`);
  };
  const work = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: SoakThread = { first: first + index, step: threads, climate };
      const worker = new Worker(new URL("./soak-thread.js", import.meta.url), { workerData });
      worker.on("message", (message: SeedDone) => done(worker, message));
      worker.on("error", reject);
      worker.on("exit", () => resolve());
    });
  await Promise.all(Array.from({ length: threads }, (_, index) => work(index)));
  const elapsedS = (Date.now() - startedMs) / 1_000;
  for (const line of total.lines()) print(line);
  const orders = total.of("orders");
  const rate = Math.round(orders / elapsedS);
  print(
    `${total.of("seeds")} seeds from ${first}, ${orders} orders in ${Math.round(elapsedS)} s ` +
      `(${rate}/s on ${threads} threads), ${failed} failed`,
  );
  return failed === 0 ? 0 : 1;
}
