/** Somebody was faster: who, when and why, and the way to what he has changed. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { fetchDefinitions } from "../../../api/flows";
import { useFormat } from "../../../shared/useFormat";
import { flowKeys } from "../keys";

export function SupersededNotice({ onLook }: { readonly onLook: () => void }): ReactNode {
  const { t } = useTranslation("flows");
  const format = useFormat();
  const { data } = useQuery({
    queryKey: flowKeys.definitions,
    queryFn: ({ signal }) => fetchDefinitions(signal),
  });
  if (!data) return null;
  const { version, author, reason } = data;
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      data-testid="superseded"
      title={t("newer.title", { version, author, at: format.dateTime(data.activatedAtMs ?? 0) })}
      description={t("newer.text", { reason })}
      action={
        <Button size="small" onClick={onLook} data-testid="look-at-difference">
          {t("newer.look")}
        </Button>
      }
    />
  );
}
