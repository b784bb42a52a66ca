/** How a module, a queue or a channel is now: a word with an icon, worst first. */
import { Flex } from "antd";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import type { Group, LiveChannel, ModuleInstance, ModuleState, QueueDepth, Tick } from "../../api/throughput";
import { StatusTag, type Tone } from "../../shared/StatusTag";

type Texts = TFunction<"throughput">;

export const moduleTones: Readonly<Record<ModuleState, Tone>> = {
  stuck: "bad",
  lost: "bad",
  live: "good",
  idle: "off",
};
const worstFirst: readonly ModuleState[] = ["stuck", "lost", "live", "idle"];

/** Nothing while the stream has not said anything. */
export function stateOf(group: Group, name: string, tick: Tick | undefined, t: Texts): ReactNode {
  if (!tick) return null;
  if (group === "modules")
    return moduleState(
      tick.modules.filter(({ module }) => module === name),
      t,
    );
  if (group === "queues")
    return queueState(
      tick.queues.find(({ queue }) => queue === name),
      t,
    );
  return channelState(
    tick.channels.find(({ channel }) => channel === name),
    t,
  );
}

function moduleState(instances: readonly ModuleInstance[], t: Texts): ReactNode {
  const tags = worstFirst.flatMap((state) => {
    const count = instances.filter((each) => each.state === state).length;
    return count === 0
      ? []
      : [
          <StatusTag key={state} tone={moduleTones[state]}>
            {`${t(`module.${state}`)}${count > 1 ? ` × ${count}` : ""}`}
          </StatusTag>,
        ];
  });
  return tags.length === 0 ? t("module.none") : <Flex gap={4}>{tags}</Flex>;
}

function queueState(depth: QueueDepth | undefined, t: Texts): ReactNode {
  const { ready = 0, delayed = 0, leased = 0, dead = 0 } = depth ?? {};
  const facts = (["ready", "delayed", "leased"] as const).flatMap((state) => {
    const count = { ready, delayed, leased }[state];
    return count === 0 ? [] : [t(`queue.${state}`, { count })];
  });
  return (
    <Flex gap={4} align="center">
      {facts.length === 0 ? t("queue.empty") : facts.join(" · ")}
      {dead > 0 ? <StatusTag tone="attention">{t("queue.dead", { count: dead })}</StatusTag> : null}
    </Flex>
  );
}

const switchTones: Readonly<Record<LiveChannel["switch"], Tone>> = {
  open: "good",
  draining: "waiting",
  redirect: "attention",
  closed: "off",
};

function channelState(channel: LiveChannel | undefined, t: Texts): ReactNode {
  if (!channel) return t("channel.none");
  const { breaker, presence } = channel;
  return (
    <Flex gap={4}>
      <StatusTag tone={switchTones[channel.switch]}>
        {t(`channel.${channel.switch}`, { to: channel.redirectTo ?? "" })}
      </StatusTag>
      {breaker === "closed" ? null : <StatusTag tone="bad">{t(`channel.breaker-${breaker}`)}</StatusTag>}
      {presence === "live" ? null : <StatusTag tone="bad">{t(`channel.${presence}`)}</StatusTag>}
    </Flex>
  );
}
