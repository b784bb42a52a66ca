import { Form, Input } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { actOn, type AskedAction, type OrderStory } from "../../api/orders";
import { fractionDigits, minorOf } from "../../shared/format";
import { useFormat } from "../../shared/useFormat";
import { ActionDialog } from "./ActionDialog";

/** `1234` of CNY as a person would type it: `12.34`. */
function typed(amountMinor: number, currency: string): string {
  const fraction = fractionDigits(currency);
  const digits = String(amountMinor).padStart(fraction + 1, "0");
  return fraction === 0 ? digits : `${digits.slice(0, -fraction)}.${digits.slice(-fraction)}`;
}

/** All that is left, or a part of it. */
export function RefundDialog({
  story,
  open,
  onClose,
}: {
  readonly story: OrderStory;
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  const { orderId, order, actions } = story;
  const currency = order?.currency ?? "";
  const leftMinor = actions.find(({ action }) => action === "refund")?.amountMinorMax ?? 0;
  const [text, setText] = useState<string | undefined>(undefined);
  const shown = text ?? typed(leftMinor, currency);
  const amount = minorOf(shown, currency);
  const fits = amount !== undefined && amount >= 1 && amount <= leftMinor;
  const act = useCallback(
    async (asked: AskedAction) => {
      if (amount === undefined) throw new Error("the dialog is not ready without an amount");
      return actOn(orderId, "refund", { ...asked, amount });
    },
    [orderId, amount],
  );
  const close = (): void => {
    setText(undefined);
    onClose();
  };
  const left = format.money(leftMinor, currency);
  return (
    <ActionDialog
      action="refund"
      open={open}
      onClose={close}
      danger
      ready={fits}
      description={t("about.refund", { amount: fits ? format.money(amount, currency) : "–" })}
      act={act}
    >
      <Form layout="vertical" component={false}>
        <Form.Item
          label={t("refund.amount", { currency })}
          validateStatus={fits ? "" : "error"}
          help={fits ? t("refund.left", { amount: left }) : t("refund.wrong", { amount: left })}
        >
          <Input
            value={shown}
            inputMode="decimal"
            autoComplete="off"
            aria-label={t("refund.amount", { currency })}
            data-testid="refund-amount"
            onChange={({ target }) => setText(target.value)}
          />
        </Form.Item>
      </Form>
    </ActionDialog>
  );
}
