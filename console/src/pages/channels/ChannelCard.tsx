/** One channel. One that sends nothing cannot be mistaken for one that works: it says so across its whole width. */
import { Alert, Card, Flex, theme, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Channel, ChannelSwitch } from "../../api/channels";
import { Can } from "../../session";
import { StatusTag } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { ChannelFigures } from "./ChannelFigures";
import { ChannelInstances } from "./ChannelInstances";
import { ChannelTerms } from "./ChannelTerms";
import { DrainProgress } from "./DrainProgress";
import { SwitchButtons } from "./SwitchButtons";
import { breakerTones, edgeOf, presenceTones, switchTones } from "./tones";

export function ChannelCard({
  channel,
  onSwitch,
}: {
  readonly channel: Channel;
  readonly onSwitch: (to: ChannelSwitch) => void;
}): ReactNode {
  const { token } = theme.useToken();
  const edge = edgeOf(channel);
  return (
    <Card
      size="small"
      role="group"
      aria-label={channel.title}
      data-testid={`channel-${channel.channel}`}
      data-switch={channel.switch}
      title={<Title channel={channel} />}
      style={{
        height: "100%",
        ...(edge === undefined ? {} : { borderInlineStart: `4px solid ${token[edge]}` }),
      }}
    >
      <Flex vertical gap="small">
        <Standing channel={channel} />
        {channel.switch === "draining" ? (
          <DrainProgress channel={channel.channel} onClose={() => onSwitch("closed")} />
        ) : null}
        <ChannelFigures channel={channel} />
        <Can right="channels.switch">
          <SwitchButtons channel={channel} onSwitch={onSwitch} />
        </Can>
        <LastChange channel={channel} />
        <ChannelTerms channel={channel} />
        <ChannelInstances instances={channel.instances} />
      </Flex>
    </Card>
  );
}

function Title({ channel }: { readonly channel: Channel }): ReactNode {
  const { t } = useTranslation("channels");
  return (
    <Flex gap="small" align="center" wrap>
      <span>{channel.title}</span>
      <Typography.Text type="secondary" code>
        {channel.channel}
      </Typography.Text>
      <StatusTag tone={switchTones[channel.switch]} testId="switch">
        {t(`switch.${channel.switch}`, { to: channel.redirectTo ?? "" })}
      </StatusTag>
      <StatusTag tone={breakerTones[channel.breaker]} testId="breaker">
        {t(`breaker.${channel.breaker}`)}
      </StatusTag>
      <StatusTag tone={presenceTones[channel.presence]} testId="presence">
        {t(`presence.${channel.presence}`, { count: channel.instances.length })}
      </StatusTag>
    </Flex>
  );
}

/** What stands between the channel and its orders, in a sentence; nothing when nothing does. */
function Standing({ channel }: { readonly channel: Channel }): ReactNode {
  const { t } = useTranslation("channels");
  const waiting = channel.charges.ready + channel.charges.delayed;
  if (channel.switch === "closed" || channel.switch === "redirect")
    return (
      <Alert
        type={channel.switch === "closed" ? "error" : "warning"}
        showIcon
        data-testid="standing"
        title={t(`standing.${channel.switch}`, { to: channel.redirectTo ?? "" })}
        description={waiting === 0 ? undefined : t(`standing.waiting.${channel.waiting}`, { count: waiting })}
      />
    );
  const trouble = troubleOf(channel);
  return trouble === undefined ? null : (
    <Alert type="warning" showIcon title={t(`standing.${trouble}`)} data-testid="standing" />
  );
}

function troubleOf({ presence, breaker }: Channel): string | undefined {
  if (presence !== "live") return presence;
  return breaker === "closed" ? undefined : `breaker-${breaker}`;
}

function LastChange({ channel }: { readonly channel: Channel }): ReactNode {
  const { t } = useTranslation("channels");
  const { dateTime, relativeTime } = useFormat();
  const { changedBy: who, changedAtMs, reason } = channel;
  if (who === undefined || changedAtMs === undefined) return null;
  return (
    <Typography.Text type="secondary" title={dateTime(changedAtMs)} data-testid="last-change">
      {t("lastChange", { who, when: relativeTime(changedAtMs), reason: reason ?? "" })}
    </Typography.Text>
  );
}
