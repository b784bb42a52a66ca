import { LogoutOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Dropdown, type MenuProps } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useSession, useSessionActions } from "../session";
import { useOnce } from "../shared/useOnce";
import { usePages } from "./pages";

/** Who is signed in, pages about oneself, and the way out. */
export function UserMenu({ compact }: { readonly compact: boolean }): ReactNode {
  const { t } = useTranslation("shell");
  const { user } = useSession();
  const { signOut } = useSessionActions();
  const [leave, busy] = useOnce(signOut);
  const own = usePages().filter(({ group }) => group === "self");
  const items: MenuProps["items"] = [
    { key: "role", type: "group", label: t(`role.${user.role}`, { defaultValue: user.role }) },
    ...own.map(({ path, icon, label }) => ({
      key: path,
      icon,
      label: <Link to={`/${path}`}>{t(label)}</Link>,
    })),
    { type: "divider" },
    {
      key: "leave",
      icon: <LogoutOutlined />,
      label: <span data-testid="sign-out">{t("signOut")}</span>,
      disabled: busy,
      onClick: () => void leave(),
    },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button
        type="text"
        icon={<UserOutlined />}
        aria-label={t("userMenu", { name: user.name })}
        aria-haspopup="menu"
        data-testid="user-menu"
      >
        {compact ? null : user.name}
      </Button>
    </Dropdown>
  );
}
