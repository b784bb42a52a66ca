/**
 * The module of one channel. Two consumers: charges, and follow-up work that runs whatever the switch says. It reports
 * about itself once a second, and at once when its breaker moves. While nothing may be sent it takes no charges, so
 * that what has to wait rests in its queue.
 */
import { whyNot } from "../../../engine/registry/confirm.js";
import type { BreakerState } from "../../../engine/ports/channel.js";
import { type GuardedDriver, withBulkhead } from "../../channels/bulkhead.js";
import type { SettingSources } from "../../channels/channel-settings.js";
import { channelDirs, loadChannel } from "../../channels/load.js";
import { registerChannel } from "../../store/postgres/setup.js";
import type { Kernel } from "../kernel.js";
import type { Module, ModuleContext } from "./module.js";
import { channelQueues } from "./queues.js";
import { repeatEvery } from "../repeat.js";

/** Follow-up work (inquiries, callbacks) of one channel under way at a time, apart from its charges. */
const followConcurrency = 32;
/** Well below what makes a channel count as missing. */
const beatMs = 1_000;

/** As `valence_channel_breaker` tells it. */
const breakerValues: Readonly<Record<BreakerState, number>> = { closed: 0, "half-open": 1, open: 2 };

/** Any folder that is a channel, behind its bulkhead. */
async function driverOf(name: string, { kernel, channelPresets }: ModuleContext): Promise<GuardedDriver> {
  const { settings, clock } = kernel;
  const channel = await loadChannel(name, { dirs: channelDirs(settings.channels.dir) });
  const concurrencyMax = Math.min(settings.workers.channelConcurrency, channel.manifest.concurrencyMax);
  const sources: SettingSources = {
    presets: channelPresets(channel.driver),
    file: settings.channel[name] ?? {},
    env: process.env,
  };
  return withBulkhead(channel.createDriver(sources, concurrencyMax), { clock, concurrencyMax });
}

export async function startChannel(name: string, context: ModuleContext): Promise<Module> {
  const driver = await driverOf(name, context);
  const { kernel } = context;
  const { bus, settings, worker, channels, database, clock, health } = kernel;
  const { channel, concurrencyMax } = driver.manifest;
  channels.set(channel, driver);
  await registerChannel(database.pool, driver.manifest);
  await health.forgetDead();
  const report = (): Promise<void> => health.beat(channel, reportOf(driver));
  await report();
  await kernel.configChanged();

  const { charges, follow } = channelQueues(channel);
  const concurrency = Math.min(settings.workers.channelConcurrency, concurrencyMax);
  const progress = kernel.progress.of(`channel:${channel}`);
  const charging = progress.consume(bus, { queues: () => [charges], concurrency, handler: worker.handle });
  const following = progress.consume(bus, {
    queues: () => [follow],
    concurrency: followConcurrency,
    handler: worker.handle,
  });
  let paused = false;
  const mayCharge = async (): Promise<void> => {
    const shall = await shallPause(kernel, channel);
    if (shall === paused) return;
    paused = shall;
    if (shall) charging.pause();
    else charging.resume();
    kernel.telemetry.log("info", { event: shall ? "channel.paused" : "channel.resumed", channel });
  };
  const look = (): void => void mayCharge().catch(() => undefined);
  const unsubscribe = kernel.onConfigChanged(look);
  const showBreaker = (breaker: BreakerState): void =>
    kernel.telemetry.gauge("valence_channel_breaker", { channel }, breakerValues[breaker]);
  showBreaker(driver.breaker);
  const unsubscribeBreaker = driver.onBreaker((breaker) => {
    showBreaker(breaker);
    kernel.telemetry.log("warn", { event: "channel.breaker", channel, breaker });
    void report()
      .then(() => kernel.configChanged())
      .catch(() => undefined);
  });
  await mayCharge();
  const stopBeating = repeatEvery(clock, beatMs, async () => {
    await report();
    await mayCharge();
  });
  return {
    name: `channel:${channel}`,
    stop: async (deadlineMs) => {
      stopBeating();
      unsubscribe();
      unsubscribeBreaker();
      // First everybody stops choosing it, then it finishes what it has.
      await health.leave(channel).catch(() => undefined);
      await kernel.configChanged().catch(() => undefined);
      await Promise.all([charging.stop(deadlineMs), following.stop(deadlineMs)]);
    },
  };
}

/**
 * Nothing may be sent, and nothing has to be found out: a charge that a dead process began is asked about by whoever
 * takes its message, however the switch stands.
 */
async function shallPause({ reference, channelAdmin }: Kernel, channel: string): Promise<boolean> {
  const facts = (await reference.channels()).find((each) => each.channel === channel);
  if (!facts || whyNot(facts, true) === undefined) return false;
  return !(await channelAdmin.hasOpenIntents(channel));
}

const reportOf = (driver: GuardedDriver): Parameters<Kernel["health"]["beat"]>[1] => ({
  breaker: driver.breaker,
  ...driver.stats(),
});
