/** The HTTP bridge: merchants post orders to it, institutions call back at it. */
import { systemFields, vocabulary } from "../../../atoms/index.js";
import { limits } from "../../../engine/limits.js";
import { createBridge } from "../../http/bridge/bridge.js";
import { checkNotifyUrl } from "../../http/webhook/address.js";
import type { Kernel } from "../kernel.js";
import type { Module, ModuleContext } from "./module.js";

export async function startBridge({ kernel }: ModuleContext): Promise<Module> {
  const { settings, store, bus, reference, catalogue, clock, random, telemetry, instance, watch } = kernel;
  const bridge = await createBridge({
    store,
    bus,
    reference,
    catalogue,
    clock,
    random,
    telemetry,
    dictionary: vocabulary.dictionary,
    systemFields,
    settings: {
      instance,
      replyWaitMs: settings.bridge.replyWaitMs,
      inFlightMax: settings.bridge.inFlightMax,
      connectionsMax: settings.bridge.connectionsMax,
      arrivalMsMax: settings.bridge.arrivalMsMax,
      allowLoopbackNotify: settings.notify.allowLoopback,
    },
    checkNotifyUrl,
    progress: kernel.progress.of("bridge"),
    metrics: () => telemetry.metricsText(),
    ready: () => {
      if (watch.confirmedAgoMs > limits.referenceStaleMsMax) {
        return Promise.resolve({ ready: false, why: "the database does not answer" });
      }
      if (catalogue.version === 0)
        return Promise.resolve({ ready: false, why: "no definitions are in force" });
      return Promise.resolve({ ready: true });
    },
    readOrder: (orderId) => store.find("orders", { orderId }),
    readRefund: (refundId) => store.find("refunds", { refundId }),
    readRun: (runId) => store.find("runs", { runId }),
  });
  const url = await bridge.listen(settings.bridge.port, settings.bridge.host);
  return {
    name: "bridge",
    url,
    stop: async (deadlineMs) => {
      await Promise.race([bridge.drain(), pause(kernel, deadlineMs)]);
      await bridge.close();
    },
  };
}

const pause = ({ clock }: Kernel, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.after(delayMs, resolve));
