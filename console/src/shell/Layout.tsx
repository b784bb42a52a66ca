/** The frame around every page: header, navigation, and the page with a boundary of its own. */
import { MenuFoldOutlined, MenuOutlined, MenuUnfoldOutlined } from "@ant-design/icons";
import { Button, Drawer, Flex, Grid, Layout as AntLayout, theme, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet } from "react-router";
import { LiveBadge, LiveProvider } from "../live";
import { IdleNotice } from "../session/IdleNotice";
import { PasswordNotice } from "../session/PasswordNotice";
import { Logo } from "./Logo";
import { LookSwitches } from "./LookSwitches";
import { Navigation } from "./Navigation";
import { PageBoundary } from "./PageBoundary";
import { pageNamed } from "./pages";
import { usePreferences } from "./PreferencesProvider";
import { UserMenu } from "./UserMenu";

const siderWidthPx = 200;
const narrowWidthPx = 52;
const contentId = "content";

export function Layout(): ReactNode {
  const { t } = useTranslation("shell");
  const { token } = theme.useToken();
  const { narrow } = usePreferences();
  const isWide = Grid.useBreakpoint().lg ?? window.innerWidth >= token.screenLG;
  const line = `1px solid ${token.colorBorderSecondary}`;
  return (
    <LiveProvider>
      <Button type="primary" className="v-skip" href={`#${contentId}`} data-testid="skip">
        {t("skip")}
      </Button>
      <AntLayout className="v-full-height">
        <Header isWide={isWide} line={line} />
        <PasswordNotice to={pageNamed("account")} />
        <AntLayout hasSider={isWide}>
          {isWide ? (
            <AntLayout.Sider
              collapsed={narrow}
              width={siderWidthPx}
              collapsedWidth={narrowWidthPx}
              style={{ borderInlineEnd: line }}
            >
              <Navigation />
            </AntLayout.Sider>
          ) : null}
          <AntLayout.Content id={contentId} className="v-content" tabIndex={-1} role="main">
            <PageBoundary>
              <Outlet />
            </PageBoundary>
          </AntLayout.Content>
        </AntLayout>
      </AntLayout>
      <IdleNotice />
    </LiveProvider>
  );
}

function Header({ isWide, line }: { readonly isWide: boolean; readonly line: string }): ReactNode {
  const { token } = theme.useToken();
  return (
    <AntLayout.Header
      style={{
        position: "sticky",
        insetBlockStart: 0,
        zIndex: 10,
        background: token.colorBgContainer,
        borderBlockEnd: line,
        lineHeight: "normal",
      }}
    >
      <Flex align="center" gap="small" style={{ height: "100%" }}>
        {isWide ? <FoldButton /> : <DrawerButton />}
        <Logo />
        <Typography.Text strong>Valence</Typography.Text>
        <Flex flex={1} justify="flex-end" align="center" gap={4}>
          <LiveBadge />
          <LookSwitches />
          <UserMenu compact={!isWide} />
        </Flex>
      </Flex>
    </AntLayout.Header>
  );
}

function FoldButton(): ReactNode {
  const { t } = useTranslation("shell");
  const { narrow, change } = usePreferences();
  return (
    <Button
      type="text"
      icon={narrow ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
      aria-label={t(narrow ? "navigationWiden" : "navigationNarrow")}
      aria-expanded={!narrow}
      data-testid="fold"
      onClick={() => change({ narrow: !narrow })}
    />
  );
}

function DrawerButton(): ReactNode {
  const { t } = useTranslation("shell");
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <>
      <Button
        type="text"
        icon={<MenuOutlined />}
        aria-label={t("navigationOpen")}
        aria-expanded={open}
        data-testid="open-navigation"
        onClick={() => setOpen(true)}
      />
      <Drawer
        open={open}
        onClose={close}
        placement="left"
        size={260}
        title="Valence"
        styles={{ body: { padding: 8 } }}
      >
        <Navigation onChosen={close} />
      </Drawer>
    </>
  );
}
