/** Pages for when there is none: not found, not allowed, nothing to see. */
import { Button, Result } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate } from "react-router";
import type { Right } from "../api/session";
import { EmptyState } from "../shared/EmptyState";
import { PageHeader } from "../shared/PageHeader";
import { usePages } from "./pages";

export function NotFound(): ReactNode {
  const { t } = useTranslation("shell");
  return (
    <>
      <PageHeader title={t("notFound.title")} />
      <Result
        status="info"
        subTitle={t("notFound.text")}
        extra={
          <Link to="/">
            <Button type="primary">{t("notFound.home")}</Button>
          </Link>
        }
        data-testid="not-found"
      />
    </>
  );
}

export function NotAllowed({ right }: { readonly right: Right }): ReactNode {
  const { t } = useTranslation("shell");
  return (
    <>
      <PageHeader title={t("notAllowed.title")} />
      <Result status="warning" subTitle={t("notAllowed.text", { right })} data-testid="not-allowed" />
    </>
  );
}

/** `/` is the first page that this person may see. */
export function FirstPage(): ReactNode {
  const { t } = useTranslation("shell");
  const first = usePages().find(({ group }) => group !== "self");
  if (first) return <Navigate to={`/${first.path}`} replace />;
  return (
    <>
      <PageHeader title={t("nothing.title")} />
      <EmptyState text={t("nothing.text")} />
    </>
  );
}
