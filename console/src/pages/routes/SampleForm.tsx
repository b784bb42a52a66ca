/** An order nobody places, to see where it would go. */
import { Button, Flex, Form, Input } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SampleOrder } from "../../api/routes";
import { minorOf } from "../../shared/format";

type Texts = Readonly<
  Record<"amount" | "currency" | "type" | "merchantId" | "method" | "business" | "channel", string>
>;

const first: Texts = {
  ...{ amount: "100.00", currency: "CNY", type: "pay" },
  ...{ merchantId: "", method: "", business: "", channel: "" },
};
const rest = ["type", "merchantId", "method", "business", "channel"] as const;

export function SampleForm({
  busy,
  disabled,
  onTry,
}: {
  readonly busy: boolean;
  readonly disabled: boolean;
  readonly onTry: (order: SampleOrder) => void;
}): ReactNode {
  const { t } = useTranslation("routes");
  const send = (texts: Texts): void => {
    const currency = texts.currency.trim().toUpperCase();
    const amount = minorOf(texts.amount, currency);
    if (amount === undefined) return;
    const others = rest.flatMap((name) =>
      texts[name].trim() === "" ? [] : [[name, texts[name].trim()] as const],
    );
    onTry({ amount, currency, ...Object.fromEntries(others) });
  };
  return (
    <Form<Texts> layout="vertical" size="small" initialValues={first} onFinish={send}>
      <Flex gap="small" wrap>
        <Form.Item
          name="amount"
          label={t("sample.amount")}
          dependencies={["currency"]}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, value: string) =>
                minorOf(value, String(getFieldValue("currency")).toUpperCase()) === undefined
                  ? Promise.reject(new Error(t("sample.amountWrong")))
                  : Promise.resolve(),
            }),
          ]}
        >
          <Input inputMode="decimal" style={{ width: 120 }} data-testid="sample-amount" />
        </Form.Item>
        <Form.Item
          name="currency"
          label={t("sample.currency")}
          rules={[{ required: true, pattern: /^[A-Za-z]{3}$/, message: t("sample.currencyWrong") }]}
        >
          <Input style={{ width: 80 }} />
        </Form.Item>
        {rest.map((name) => (
          <Form.Item key={name} name={name} label={t(`sample.${name}`)}>
            <Input style={{ width: 120 }} data-testid={`sample-${name}`} />
          </Form.Item>
        ))}
      </Flex>
      <Button type="primary" htmlType="submit" loading={busy} disabled={disabled} data-testid="try-sample">
        {t("trial.action")}
      </Button>
    </Form>
  );
}
