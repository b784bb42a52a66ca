/**
 * A payment that paid for nothing (a second attempt that was charged, too; money that came after its order was closed)
 * goes back in full without a merchant asking. Its refund's number follows from the payment's, so that whoever tells
 * of the surplus again names the same refund. The dictionary keeps merchants away from such numbers.
 */
import type { Fields } from "./fields.js";

export const surplusRefund = (paymentId: Fields["paymentId"]): Fields["merchantRefundId"] =>
  `surplus-${paymentId}`;

type Asked = Pick<Fields, "merchantRefundId"> & Partial<Pick<Fields, "paymentId">>;

/** The refund is of the payment itself; else it is of whatever paid the order. */
export const isSurplus = <F extends Asked>(fields: F): fields is F & Pick<Fields, "paymentId"> =>
  fields.paymentId !== undefined && fields.merchantRefundId === surplusRefund(fields.paymentId);
