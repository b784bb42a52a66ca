/**
 * The thread that beats: its own event loop, its own connection. While the main thread computes, waits in a lock or
 * loops for ever, this one goes on and tells how long ago the main thread was last seen. It decides nothing. A
 * process that is stopped (SIGSTOP) or dead stops it as well, and counts as lost.
 */
import { parentPort, workerData } from "node:worker_threads";
import { limits, invariant } from "../../../../engine/limits.js";
import { connect } from "../database.js";
import { BeatBoard, steadyMs } from "./board.js";
import { type Beating, Beats } from "./beats.js";
import type { FromThread, ThreadData, ToThread } from "./messages.js";

const { url, applicationName, buffer, beating } = workerData as ThreadData;
const port = parentPort;
invariant(port, "the heartbeat is a thread of a process");
const tell = (message: FromThread): void => port.postMessage(message);

const database = connect({ url, embedded: false, applicationName, connectionsMax: 1 });
const beats = new Beats(
  database.dedicated("heartbeat"),
  new BeatBoard(beating.modules.length, buffer),
  steadyMs,
);
let current: Beating = beating;
let timer: NodeJS.Timeout | undefined;
let stopped = false;

async function beat(): Promise<void> {
  const startedMs = steadyMs();
  try {
    if (!(await beats.beat(current))) tell({ kind: "unknown" });
  } catch (error) {
    tell({ kind: "failed", detail: String(error) });
  }
  if (!stopped)
    timer = setTimeout(() => void beat(), Math.max(0, limits.moduleBeatMs - (steadyMs() - startedMs)));
}

port.on("message", (message: ToThread) => {
  if (message.kind === "paused") {
    current = { ...current, paused: message.paused };
    return;
  }
  stopped = true;
  clearTimeout(timer);
  // Without a listener and a connection nothing holds the thread: it ends.
  port.close();
  void database.close();
});
void beat();
