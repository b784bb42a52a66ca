/** Attempts to pay, and what went back: each with the evidence of its state. */
import { Card, Descriptions, Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { StoryPayment, StoryRefund } from "../../api/orders";
import { StatusTag, type Tone } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { Details } from "./Details";

const tones: Readonly<Record<string, Tone>> = {
  approved: "good",
  byHand: "good",
  declined: "bad",
  closed: "off",
  created: "waiting",
  sending: "busy",
  pending: "waiting",
  notSent: "off",
  unknown: "unknown",
};

function State({ status }: { readonly status: string }): ReactNode {
  const { t } = useTranslation("orders");
  return (
    <StatusTag tone={tones[status] ?? "unknown"}>
      {t(`payment.${status}`, { defaultValue: status })}
    </StatusTag>
  );
}

type Facts = readonly (readonly [label: string, value: ReactNode])[];

/** What is known, without what is not. */
function Known({ facts }: { readonly facts: Facts }): ReactNode {
  const { t } = useTranslation("orders");
  const items = facts.flatMap(([key, children]) =>
    children === undefined || children === null ? [] : [{ key, label: t(`column.${key}`), children }],
  );
  return <Descriptions size="small" column={{ xs: 1, md: 2, lg: 3 }} items={items} />;
}

const number = (value: string | undefined): ReactNode =>
  value === undefined ? undefined : (
    <Typography.Text copyable code>
      {value}
    </Typography.Text>
  );

export function Payments({ payments }: { readonly payments: readonly StoryPayment[] }): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  if (payments.length === 0) return null;
  return (
    <Card size="small" title={t("section.payments")} data-testid="payments">
      {payments.map((payment) => (
        <Flex key={payment.paymentId} vertical gap={4}>
          <Flex wrap gap="small" align="center">
            <Typography.Text strong>{t("payment.attempt", { attempt: payment.attempt })}</Typography.Text>
            <State status={payment.status} />
            {payment.surplus === true ? <StatusTag tone="attention">{t("payment.surplus")}</StatusTag> : null}
            <span>{format.money(payment.amountMinor, payment.currency)}</span>
          </Flex>
          <Known
            facts={[
              ["channel", payment.channel],
              ["routeRule", payment.routeRule],
              ["paymentId", number(payment.paymentId)],
              ["channelOrderId", number(payment.channelOrderId)],
              [
                "refundReserved",
                payment.refundReservedMinor === 0
                  ? undefined
                  : format.money(payment.refundReservedMinor, payment.currency),
              ],
              ["updated", format.dateTime(payment.updatedAtMs)],
            ]}
          />
          <Details label={t("payment.evidence")} value={payment.evidence} />
        </Flex>
      ))}
    </Card>
  );
}

export function Refunds({ refunds }: { readonly refunds: readonly StoryRefund[] }): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  if (refunds.length === 0) return null;
  return (
    <Card size="small" title={t("section.refunds")} data-testid="refunds">
      {refunds.map((refund) => (
        <Flex key={refund.refundId} vertical gap={4} data-testid="refund">
          <Flex wrap gap="small" align="center">
            <Typography.Text strong>{refund.merchantRefundId}</Typography.Text>
            <State status={refund.status} />
            <span>{format.money(refund.amountMinor, refund.currency)}</span>
          </Flex>
          {refund.error === undefined ? null : (
            <Typography.Text type="danger">{refund.error.detail}</Typography.Text>
          )}
          <Known
            facts={[
              ["channel", refund.channel],
              ["refundId", number(refund.refundId)],
              ["channelRefundId", number(refund.channelRefundId)],
              ["created", format.dateTime(refund.createdAtMs)],
              ["settled", refund.settledAtMs === undefined ? undefined : format.dateTime(refund.settledAtMs)],
            ]}
          />
          <Details label={t("payment.evidence")} value={refund.evidence} />
        </Flex>
      ))}
    </Card>
  );
}
