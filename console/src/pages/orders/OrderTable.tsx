/** The found orders: a table where there is room for one, cards on a phone. */
import { Card, Flex, Table, type TableColumnsType, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FoundOrder } from "../../api/orders";
import { useFormat } from "../../shared/useFormat";
import { OrderStatusTag, ParkedTag } from "./OrderStatusTag";

interface ListProps {
  readonly orders: readonly FoundOrder[];
}

const pathOf = ({ orderId }: FoundOrder): string => `/orders/${orderId}`;

function State({ order }: { readonly order: FoundOrder }): ReactNode {
  return (
    <Flex wrap gap={4}>
      <OrderStatusTag status={order.status} />
      {order.parked ? <ParkedTag /> : null}
    </Flex>
  );
}

function Amount({ order }: { readonly order: FoundOrder }): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  return (
    <>
      <div>{format.money(order.amountMinor, order.currency)}</div>
      {order.refundedMinor === 0 ? null : (
        <Typography.Text type="secondary">
          {t("list.refunded", { amount: format.money(order.refundedMinor, order.currency) })}
        </Typography.Text>
      )}
    </>
  );
}

export function OrderTable({ orders }: ListProps): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  const columns: TableColumnsType<FoundOrder> = [
    {
      key: "accepted",
      title: t("column.accepted"),
      render: (_, { acceptedAtMs }) => format.dateTime(acceptedAtMs),
    },
    {
      key: "number",
      title: t("column.merchantOrderId"),
      render: (_, order) => (
        <Link to={pathOf(order)} data-testid={`order-${order.merchantOrderId}`}>
          {order.merchantOrderId}
        </Link>
      ),
    },
    { key: "merchant", title: t("column.merchant"), dataIndex: "merchantId" },
    { key: "type", title: t("column.type"), dataIndex: "type" },
    { key: "state", title: t("column.state"), render: (_, order) => <State order={order} /> },
    {
      key: "amount",
      title: t("column.amount"),
      align: "right",
      render: (_, order) => <Amount order={order} />,
    },
    { key: "channel", title: t("column.channel"), dataIndex: "channel" },
    {
      key: "channelOrderId",
      title: t("column.channelOrderId"),
      render: (_, { channelOrderId }) => (
        <Typography.Text code={channelOrderId !== undefined}>{channelOrderId}</Typography.Text>
      ),
    },
  ];
  return (
    <Table
      size="small"
      rowKey="orderId"
      columns={columns}
      dataSource={[...orders]}
      pagination={false}
      scroll={{ x: "max-content" }}
      data-testid="orders"
    />
  );
}

export function OrderCards({ orders }: ListProps): ReactNode {
  const format = useFormat();
  return (
    <Flex vertical gap="small" role="list" data-testid="orders">
      {orders.map((order) => (
        <Card key={order.orderId} size="small" role="listitem">
          <Flex justify="space-between" gap="small" wrap>
            <Link to={pathOf(order)} data-testid={`order-${order.merchantOrderId}`}>
              {order.merchantOrderId}
            </Link>
            <Amount order={order} />
          </Flex>
          <Flex justify="space-between" gap="small" wrap>
            <State order={order} />
            <Typography.Text type="secondary">{order.channel}</Typography.Text>
          </Flex>
          <Typography.Text type="secondary">
            {order.merchantId} · {format.dateTime(order.acceptedAtMs)}
          </Typography.Text>
        </Card>
      ))}
    </Flex>
  );
}
