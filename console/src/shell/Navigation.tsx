/** The navigation: groups of pages, the same in the sider of a laptop and in the drawer of a phone. */
import { Menu, type MenuProps } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { navigationGroups } from "../navigation";
import { pageAt, usePages } from "./pages";

export function Navigation({ onChosen }: { readonly onChosen?: () => void }): ReactNode {
  const { t } = useTranslation("shell");
  const pages = usePages();
  const { pathname } = useLocation();
  const items: MenuProps["items"] = navigationGroups
    .filter((group) => group !== "self")
    .map((group) => ({ group, members: pages.filter((page) => page.group === group) }))
    .filter(({ members }) => members.length > 0)
    .map(({ group, members }) => ({
      key: group,
      type: "group",
      label: t(`group.${group}`),
      children: members.map(({ path, icon, label }) => ({
        key: path,
        icon,
        label: (
          <Link to={`/${path}`} data-testid={`nav-${path}`}>
            {t(label)}
          </Link>
        ),
      })),
    }));
  const current = pageAt(pathname)?.path;
  return (
    <nav aria-label={t("navigation")}>
      <Menu
        mode="inline"
        items={items}
        selectedKeys={current === undefined ? [] : [current]}
        onClick={() => onChosen?.()}
      />
    </nav>
  );
}
