/** The load process: order generator, channel and merchant in one, the same for every contestant. Spoken to over IPC. */
import { performance } from "node:perf_hooks";
import { Channel } from "./channel.js";
import { listen } from "./http.js";
import { merchantAnswer, type Notification } from "./merchant.js";
import { PhaseRun } from "./phase.js";
import type { FromLoad, ToLoad } from "./protocol.js";

const channel = new Channel();
let current: PhaseRun | undefined;
let phases = 0;

const told = (notification: Notification | undefined): void => current?.told(notification);
const [channelServer, merchantServer] = [await listen(channel.answer), await listen(merchantAnswer(told))];
const notifyUrl = `${merchantServer.url}/notify`;

const say = (message: FromLoad): void => void process.send?.(message);

/** Numbers of orders that no phase before it used, in this process or another. */
function freshPrefix(): string {
  phases += 1;
  return `b${Math.floor(performance.timeOrigin).toString(36)}p${process.pid.toString(36)}x${phases}`;
}

process.on("message", (message: ToLoad) => {
  if (message.kind === "stop") {
    channelServer.close();
    merchantServer.close();
    process.disconnect();
    return;
  }
  current = new PhaseRun(message.phase, channel, freshPrefix(), notifyUrl);
  void current.run().then((report) => say({ kind: "done", report }));
});
// The harness is gone: nobody waits for a report.
process.on("disconnect", () => process.exit());

say({ kind: "listening", channelUrl: channelServer.url, notifyUrl });
