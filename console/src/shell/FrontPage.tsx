/** The frame of pages before somebody is signed in: one card in the middle. */
import { Card, Flex, theme, Typography } from "antd";
import { type ReactNode, useEffect } from "react";
import { Logo } from "./Logo";
import { LookSwitches } from "./LookSwitches";

const cardWidthPx = 360;

export function FrontPage({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  const { token } = theme.useToken();
  useEffect(() => {
    document.title = `${title} · Valence`;
  }, [title]);
  return (
    <Flex vertical className="v-full-height" style={{ background: token.colorBgLayout }}>
      <Flex justify="flex-end" gap={4} style={{ padding: 8 }}>
        <LookSwitches />
      </Flex>
      <Flex
        component="main"
        flex={1}
        justify="center"
        align="flex-start"
        style={{ padding: "8vh 12px 12px" }}
      >
        <Card style={{ width: "100%", maxWidth: cardWidthPx }}>
          <Flex align="center" gap="small" style={{ marginBlockEnd: 16 }}>
            <Logo sizePx={28} />
            <div>
              <Typography.Text type="secondary">Valence</Typography.Text>
              <h1 style={{ margin: 0, fontSize: 18 }}>{title}</h1>
            </div>
          </Flex>
          {children}
        </Card>
      </Flex>
    </Flex>
  );
}
