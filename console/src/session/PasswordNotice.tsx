import { Alert, Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useSession } from "./SessionProvider";

/** Who came by a one-time link has no way back in until there is a password. `to`: the page where one is set. */
export function PasswordNotice({ to }: { readonly to: string | undefined }): ReactNode {
  const { t } = useTranslation("shell");
  const { hasPassword } = useSession().user;
  if (hasPassword || to === undefined) return null;
  return (
    <Alert
      type="warning"
      banner
      title={t("passwordNotice.text")}
      data-testid="password-notice"
      action={
        <Link to={to}>
          <Button size="small">{t("passwordNotice.action")}</Button>
        </Link>
      }
    />
  );
}
