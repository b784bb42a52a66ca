import { Card, Descriptions, Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { OrderStory } from "../../api/orders";
import { StatusTag } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { OrderStatusTag, ParkedTag } from "./OrderStatusTag";

/** Amount and state in large, why it is in that state, and the numbers it goes by. */
export function OrderHead({ story }: { readonly story: OrderStory }): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  const { order, because, runs, orderId } = story;
  const parked = runs.some(({ state }) => state === "parked");
  return (
    <Card size="small">
      <Flex wrap gap="middle" align="center">
        {order === undefined ? (
          <StatusTag tone="unknown">{t("detail.notLogged")}</StatusTag>
        ) : (
          <>
            <Typography.Text strong style={{ fontSize: 22 }} data-testid="amount">
              {format.money(order.amountMinor, order.currency)}
            </Typography.Text>
            <OrderStatusTag status={order.status} />
          </>
        )}
        {parked ? <ParkedTag /> : null}
        {order === undefined || order.refundedMinor === 0 ? null : (
          <Typography.Text type="secondary" data-testid="refunded">
            {t("list.refunded", { amount: format.money(order.refundedMinor, order.currency) })}
          </Typography.Text>
        )}
      </Flex>
      <Typography.Paragraph style={{ marginBlock: 8 }} data-testid="because">
        <Typography.Text type="secondary">{t("detail.because")}</Typography.Text> {because}
      </Typography.Paragraph>
      <Numbers orderId={orderId} order={order} />
    </Card>
  );
}

function Numbers({
  orderId,
  order,
}: {
  readonly orderId: string;
  readonly order: OrderStory["order"] | undefined;
}): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  const fields = order?.fields ?? {};
  const number = (value: unknown): ReactNode =>
    value === undefined ? (
      "–"
    ) : (
      <Typography.Text copyable code>
        {String(value)}
      </Typography.Text>
    );
  const text = (value: unknown): string => (value === undefined ? "–" : String(value));
  const items: readonly (readonly [string, ReactNode])[] = [
    ["orderId", number(orderId)],
    ["merchantOrderId", number(fields["merchantOrderId"])],
    ["channelOrderId", number(fields["channelOrderId"])],
    ["merchant", text(fields["merchantId"])],
    ["type", text(fields["type"])],
    ["channel", text(fields["channel"])],
    ...(order === undefined
      ? []
      : [
          ["created", format.dateTime(order.createdAtMs)] as const,
          ["updated", format.dateTime(order.updatedAtMs)] as const,
        ]),
  ];
  return (
    <Descriptions
      size="small"
      column={{ xs: 1, sm: 1, md: 2, lg: 3 }}
      items={items.map(([key, children]) => ({ key, label: t(`column.${key}`), children }))}
    />
  );
}
