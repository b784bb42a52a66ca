/** What a channel offers and costs: what routing asks before it chooses it. */
import { Descriptions } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Channel } from "../../api/channels";
import { useFormat } from "../../shared/useFormat";

/** Hundredths of a per cent in the whole. */
const wholeBps = 10_000;

export function ChannelTerms({ channel }: { readonly channel: Channel }): ReactNode {
  const { t } = useTranslation("channels");
  const { count, duration, money, locale } = useFormat();
  const { methods, currencies, amountMinorMin, amountMinorMax, feeBps, feeMinorMin, weight, bounds } =
    channel;
  // Limits are minor units of whatever currency the order has; with one currency they can be said as money.
  const [currency] = currencies;
  const amount = (minor: number): string =>
    currencies.length === 1 && currency !== undefined ? money(minor, currency) : count(minor);
  const share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(
    feeBps / wholeBps,
  );
  const items = [
    { key: "methods", children: methods.join(", ") },
    { key: "currencies", children: currencies.join(", ") },
    { key: "limits", children: `${amount(amountMinorMin)} – ${amount(amountMinorMax)}` },
    {
      key: "fee",
      children: feeMinorMin === 0 ? share : t("terms.feeAtLeast", { share, least: amount(feeMinorMin) }),
    },
    { key: "weight", children: weight === 0 ? t("terms.weightNone") : count(weight) },
    ...(bounds.callTimeoutMs === undefined
      ? []
      : [{ key: "timeout", children: duration(bounds.callTimeoutMs) }]),
    ...(bounds.operations === undefined
      ? []
      : [
          {
            key: "operations",
            children: bounds.operations.map((name) => t(`operation.${name}`, name)).join(", "),
          },
        ]),
  ];
  return (
    <Descriptions
      size="small"
      column={{ xs: 1, sm: 2 }}
      items={items.map((item) => ({ ...item, label: t(`terms.${item.key}`) }))}
    />
  );
}
