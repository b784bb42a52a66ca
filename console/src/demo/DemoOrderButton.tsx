/** Sends an order of the demo merchant, as an integrator would; shown only where there is one. */
import { ThunderboltOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Flex, InputNumber, Modal } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { demo, type DemoAnswer, placeDemoOrder } from "../api/demo";
import { useRight } from "../session";
import { ProblemState } from "../shared/ProblemState";
import { useFormat } from "../shared/useFormat";
import { useOnce } from "../shared/useOnce";

const currency = "CNY";
const amountPreset = 100;

export function DemoOrderButton({ type }: { readonly type: string }): ReactNode {
  const { t } = useTranslation("demo");
  const [open, setOpen] = useState(false);
  const mayTry = useRight("flows.change");
  const { data } = useQuery({
    queryKey: ["demo"],
    queryFn: ({ signal }) => demo({ signal }),
    enabled: mayTry,
    staleTime: Infinity,
  });
  if (!mayTry || data?.available !== true) return null;
  return (
    <>
      <Button icon={<ThunderboltOutlined />} onClick={() => setOpen(true)} data-testid="demo-order">
        {t("send")}
      </Button>
      {open ? <DemoOrderDialog type={type} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function DemoOrderDialog({
  type,
  onClose,
}: {
  readonly type: string;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("demo");
  const { money } = useFormat();
  const [amount, setAmount] = useState(amountPreset);
  const [answer, setAnswer] = useState<DemoAnswer>();
  const place = useCallback(
    async () => setAnswer(await placeDemoOrder({ type, amount, currency })),
    [type, amount],
  );
  const [send, busy, error] = useOnce(place);
  return (
    <Modal
      open
      title={t("title", { type })}
      okText={t("send")}
      cancelText={t("close")}
      confirmLoading={busy}
      onOk={() => void send()}
      onCancel={onClose}
      okButtonProps={{ ["data-testid" as string]: "demo-send" }}
    >
      <Flex vertical gap="small">
        <span>{t("what")}</span>
        <label>
          {t("amount")}{" "}
          <InputNumber
            min={1}
            precision={0}
            value={amount}
            onChange={(value) => setAmount(value ?? amountPreset)}
          />{" "}
          {money(amount, currency)}
        </label>
        <ProblemState error={error} />
        {answer === undefined ? null : <Answered answer={answer} />}
      </Flex>
    </Modal>
  );
}

function Answered({ answer: { status, body } }: { readonly answer: DemoAnswer }): ReactNode {
  const { t } = useTranslation("demo");
  if (status >= 400)
    return (
      <Alert type="error" showIcon title={`HTTP ${status} ${body.code ?? ""}`} description={body.detail} />
    );
  return (
    <Alert
      type="success"
      showIcon
      data-testid="demo-answer"
      title={t("answered", { status: body.status })}
      description={<Link to={`/orders/${body.orderId ?? ""}`}>{t("look")}</Link>}
    />
  );
}
