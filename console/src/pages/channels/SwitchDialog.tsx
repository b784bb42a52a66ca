/** Switching a channel: what will happen, to how many, and why; refused when somebody else was first. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Flex, Form, Radio, Select } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type Channel,
  type ChannelSwitch,
  switchChannel,
  switchText,
  takesOrders,
  type WaitingPolicy,
} from "../../api/channels";
import { type ChangedBy, ReasonDialog } from "../../shared/ReasonDialog";
import { channelsKey, drainKey } from "./keys";

export interface SwitchWish {
  /** As it was seen when the person asked: what it stands at now may be another. */
  readonly channel: Channel;
  readonly to: ChannelSwitch;
}

const policies: readonly WaitingPolicy[] = ["reroute", "stay"];

export function SwitchDialog({
  wish: { channel, to },
  channels,
  open,
  onClose,
}: {
  readonly wish: SwitchWish;
  readonly channels: readonly Channel[];
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const [waiting, setWaiting] = useState<WaitingPolicy>(channel.waiting);
  const [redirectTo, setRedirectTo] = useState<string>();
  const stops = to === "closed" || to === "redirect";
  const change = async (by: ChangedBy): Promise<void> => {
    try {
      await switchChannel(channel.channel, {
        ...by,
        switch: to,
        expectedSwitch: switchText(channel),
        ...(to === "redirect" && redirectTo !== undefined ? { redirectTo } : {}),
        ...(stops ? { waiting } : {}),
      });
    } finally {
      // Also after a refusal: then it stands at something else than what is shown.
      void client.invalidateQueries({ queryKey: channelsKey });
      void client.resetQueries({ queryKey: drainKey(channel.channel) });
    }
  };
  return (
    <ReasonDialog
      open={open}
      title={t(`dialog.${to}.title`, { channel: channel.title })}
      confirmLabel={t(`action.${to}`)}
      danger={to === "closed"}
      ready={to !== "redirect" || redirectTo !== undefined}
      description={<Consequences channel={channel} to={to} channels={channels} />}
      onConfirm={change}
      onClose={onClose}
    >
      <Form layout="vertical" component="div">
        {to === "redirect" ? (
          <Form.Item label={t("dialog.target")} required>
            <Target channel={channel} channels={channels} value={redirectTo} onChange={setRedirectTo} />
          </Form.Item>
        ) : null}
        {stops ? (
          <Form.Item label={t("dialog.waiting", { count: waitingAt(channel) })}>
            <Radio.Group value={waiting} onChange={({ target }) => setWaiting(target.value as WaitingPolicy)}>
              <Flex vertical>
                {policies.map((policy) => (
                  <Radio key={policy} value={policy} data-testid={`waiting-${policy}`}>
                    {t(`policy.${policy}`)}
                  </Radio>
                ))}
              </Flex>
            </Radio.Group>
          </Form.Item>
        ) : null}
      </Form>
    </ReasonDialog>
  );
}

const waitingAt = ({ charges }: Channel): number => charges.ready + charges.delayed;

function Consequences({
  channel,
  to,
  channels,
}: {
  readonly channel: Channel;
  readonly to: ChannelSwitch;
  readonly channels: readonly Channel[];
}): ReactNode {
  const { t } = useTranslation("channels");
  const isLast =
    to !== "open" && !channels.some((other) => other.channel !== channel.channel && takesOrders(other));
  return (
    <Flex vertical gap="small">
      <span>{t(`dialog.${to}.text`, { count: waitingAt(channel), inWork: channel.charges.inWork })}</span>
      {isLast && takesOrders(channel) ? (
        <Alert type="error" showIcon role="alert" title={t("dialog.last")} data-testid="last-channel" />
      ) : null}
    </Flex>
  );
}

/** The other channels; one that leads back here would be refused, and is not offered. */
function Target({
  channel,
  channels,
  value,
  onChange,
}: {
  readonly channel: Channel;
  readonly channels: readonly Channel[];
  readonly value: string | undefined;
  readonly onChange: (channel: string) => void;
}): ReactNode {
  const { t } = useTranslation("channels");
  const options = channels
    .filter((other) => other.channel !== channel.channel && !leadsTo(other, channel.channel, channels))
    .map((other) => ({
      value: other.channel,
      label: takesOrders(other) ? other.title : `${other.title} (${t("dialog.takesNone")})`,
    }));
  return (
    <Select
      value={value ?? null}
      options={options}
      onChange={(chosen: string | null) => chosen !== null && onChange(chosen)}
      placeholder={t("dialog.targetHint")}
      aria-label={t("dialog.target")}
      style={{ width: "100%" }}
      data-testid="redirect-to"
    />
  );
}

function leadsTo(from: Channel, wanted: string, channels: readonly Channel[]): boolean {
  let at: Channel | undefined = from;
  for (let steps = 0; at?.redirectTo !== undefined && steps < channels.length; steps++) {
    if (at.redirectTo === wanted) return true;
    const next: string = at.redirectTo;
    at = channels.find(({ channel }) => channel === next);
  }
  return false;
}
