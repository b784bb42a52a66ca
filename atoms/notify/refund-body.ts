import type { Fields } from "../fields.js";

/** A refund as the API shows it: in answers of the bridge and in notifications. Times are ISO 8601, UTC. */
export interface RefundBody {
  readonly refundId: string;
  readonly merchantRefundId: string;
  readonly orderId: string;
  readonly merchantOrderId: string;
  readonly channelRefundId?: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: Fields["refundStatus"];
  readonly reason?: string;
  readonly error?: Fields["refundError"];
  readonly createdAt: string;
  readonly updatedAt: string;
}

type RefundFields = Pick<
  Fields,
  | ("refundId" | "merchantRefundId" | "orderId" | "merchantOrderId" | "amount" | "currency")
  | ("refundStatus" | "refundCreatedAt" | "refundUpdatedAt")
> &
  Partial<Pick<Fields, "channelRefundId" | "reason" | "refundError">>;

export function refundBody(refund: RefundFields): RefundBody {
  const { refundId, merchantRefundId, orderId, merchantOrderId, channelRefundId } = refund;
  const { amount, currency, reason, refundError } = refund;
  return {
    ...{ refundId, merchantRefundId, orderId, merchantOrderId },
    ...(channelRefundId === undefined ? {} : { channelRefundId }),
    ...{ amount, currency, status: refund.refundStatus },
    ...(reason === undefined ? {} : { reason }),
    ...(refundError === undefined ? {} : { error: refundError }),
    createdAt: new Date(refund.refundCreatedAt).toISOString(),
    updatedAt: new Date(refund.refundUpdatedAt).toISOString(),
  };
}
