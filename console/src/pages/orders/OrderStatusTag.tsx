import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { StatusTag, type Tone } from "../../shared/StatusTag";
import type { OrderStatus } from "../../api/orders";

const tones: Readonly<Record<OrderStatus, Tone>> = {
  processing: "busy",
  requires_action: "waiting",
  paid: "good",
  failed: "bad",
  closed: "off",
  refunded: "off",
  partially_refunded: "attention",
};

export function OrderStatusTag({ status }: { readonly status: OrderStatus }): ReactNode {
  const { t } = useTranslation("orders");
  return (
    <StatusTag tone={tones[status] ?? "unknown"} testId="order-status">
      {t(`status.${status}`, { defaultValue: status })}
    </StatusTag>
  );
}

export function ParkedTag(): ReactNode {
  const { t } = useTranslation("orders");
  return (
    <StatusTag tone="attention" testId="parked">
      {t("attention.parked")}
    </StatusTag>
  );
}
