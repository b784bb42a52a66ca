/** Every channel: what operators want of it, how it does, and the switch. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Col, Flex, Row } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Channel, listChannels, takesOrders } from "../../api/channels";
import { EmptyState } from "../../shared/EmptyState";
import { PageHeader } from "../../shared/PageHeader";
import { QueryState } from "../../shared/QueryState";
import { ChannelCard } from "./ChannelCard";
import { channelsKey } from "./keys";
import { SwitchDialog, type SwitchWish } from "./SwitchDialog";

const pollMs = 2_000;

export function ChannelsPage(): ReactNode {
  const { t } = useTranslation("channels");
  const query = useQuery({
    queryKey: channelsKey,
    queryFn: ({ signal }) => listChannels(signal),
    refetchInterval: pollMs,
  });
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")} />
      <QueryState query={query}>{(channels) => <Channels channels={channels} />}</QueryState>
    </>
  );
}

function Channels({ channels }: { readonly channels: readonly Channel[] }): ReactNode {
  const { t } = useTranslation("channels");
  const [wish, setWish] = useState<SwitchWish>();
  const [isOpen, setOpen] = useState(false);
  const ask = (next: SwitchWish): void => {
    setWish(next);
    setOpen(true);
  };
  if (channels.length === 0) return <EmptyState text={t("none")} />;
  return (
    <Flex vertical gap="middle">
      {channels.some(takesOrders) ? null : (
        <Alert type="error" showIcon role="alert" title={t("nobodyTakes")} data-testid="nobody-takes" />
      )}
      <Row gutter={[12, 12]}>
        {channels.map((channel) => (
          <Col key={channel.channel} xs={24} lg={12} xxl={8}>
            <ChannelCard channel={channel} onSwitch={(to) => ask({ channel, to })} />
          </Col>
        ))}
      </Row>
      {wish === undefined ? null : (
        <SwitchDialog
          // A new wish begins with what is seen now.
          key={`${wish.channel.channel} ${wish.to}`}
          wish={wish}
          channels={channels}
          open={isOpen}
          onClose={() => setOpen(false)}
        />
      )}
    </Flex>
  );
}
