/** Every other position of the switch, one button each: nothing that stops payments hides in a menu. */
import {
  ExportOutlined,
  PoweroffOutlined,
  StopOutlined,
  VerticalAlignBottomOutlined,
} from "@ant-design/icons";
import { Button, Flex } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Channel, ChannelSwitch } from "../../api/channels";

const icons: Readonly<Record<ChannelSwitch, ReactNode>> = {
  open: <PoweroffOutlined aria-hidden />,
  draining: <VerticalAlignBottomOutlined aria-hidden />,
  closed: <StopOutlined aria-hidden />,
  redirect: <ExportOutlined aria-hidden />,
};

const positions: readonly ChannelSwitch[] = ["open", "draining", "redirect", "closed"];

export function SwitchButtons({
  channel,
  onSwitch,
}: {
  readonly channel: Channel;
  readonly onSwitch: (to: ChannelSwitch) => void;
}): ReactNode {
  const { t } = useTranslation("channels");
  // A redirect may be pointed elsewhere; the other positions are either taken or not.
  const others = positions.filter((position) => position !== channel.switch || position === "redirect");
  return (
    <Flex gap="small" wrap role="group" aria-label={t("switchOf", { channel: channel.title })}>
      {others.map((position) => (
        <Button
          key={position}
          size="small"
          icon={icons[position]}
          danger={position === "closed"}
          type={position === "open" ? "primary" : "default"}
          data-testid={`to-${position}`}
          onClick={() => onSwitch(position)}
        >
          {t(`action.${position}`)}
        </Button>
      ))}
    </Flex>
  );
}
