import type { Fields } from "../fields.js";

type OrderFields = Pick<
  Fields,
  | "orderId"
  | "merchantOrderId"
  | "type"
  | "orderStatus"
  | "amount"
  | "currency"
  | "orderCreatedAt"
  | "orderUpdatedAt"
> &
  Partial<Pick<Fields, "channel" | "channelOrderId" | "action" | "metadata" | "problem">>;

/** An order as the API shows it: in answers of the bridge and in notifications. Times are ISO 8601, UTC. */
export interface OrderBody {
  readonly orderId: string;
  readonly merchantOrderId: string;
  readonly channelOrderId?: string;
  readonly type: string;
  readonly status: Fields["orderStatus"];
  readonly amount: number;
  readonly currency: string;
  readonly channel?: string;
  readonly action?: Fields["action"];
  readonly error?: Fields["problem"];
  readonly metadata?: Fields["metadata"];
  readonly createdAt: string;
  readonly updatedAt: string;
}

export function orderBody(order: OrderFields): OrderBody {
  const {
    orderId,
    merchantOrderId,
    channelOrderId,
    type,
    amount,
    currency,
    channel,
    action,
    problem,
    metadata,
  } = order;
  return {
    orderId,
    merchantOrderId,
    ...(channelOrderId === undefined ? {} : { channelOrderId }),
    type,
    status: order.orderStatus,
    amount,
    currency,
    ...(channel === undefined ? {} : { channel }),
    ...(action === undefined ? {} : { action }),
    ...(problem === undefined ? {} : { error: problem }),
    ...(metadata === undefined ? {} : { metadata }),
    createdAt: new Date(order.orderCreatedAt).toISOString(),
    updatedAt: new Date(order.orderUpdatedAt).toISOString(),
  };
}
