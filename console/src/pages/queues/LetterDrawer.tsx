/** One dead letter: why it died, the run and the order it belongs to, and what it carries, masked. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Descriptions, Drawer, Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { deadLetter, type DeadLetterStory } from "../../api/queues";
import { JsonView } from "../../shared/JsonView";
import { QueryState } from "../../shared/QueryState";
import { StatusTag, type Tone } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { letterKey } from "./keys";

const widthPx = 720;

const runTones: Readonly<Record<string, Tone>> = {
  open: "busy",
  waiting: "waiting",
  parked: "attention",
  ended: "good",
};

export function LetterDrawer({
  queue,
  messageId,
  onClose,
}: {
  readonly queue: string;
  /** Empty: none is open. */
  readonly messageId: string;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("queues");
  const query = useQuery({
    queryKey: letterKey(queue, messageId),
    queryFn: ({ signal }) => deadLetter(queue, messageId, signal),
    enabled: messageId !== "",
  });
  return (
    <Drawer
      open={messageId !== ""}
      onClose={onClose}
      size={Math.min(widthPx, window.innerWidth)}
      title={t("letter.title")}
      destroyOnHidden
      data-testid="letter"
    >
      <QueryState query={query}>{(letter) => <Letter letter={letter} />}</QueryState>
    </Drawer>
  );
}

function Letter({ letter }: { readonly letter: DeadLetterStory }): ReactNode {
  const { t } = useTranslation("queues");
  const { dateTime, money } = useFormat();
  const { reason, deliveries, diedAtMs, messageId, type, flow, stage, run, order, body } = letter;
  const items = [
    { key: "died", children: dateTime(diedAtMs) },
    { key: "deliveries", children: deliveries },
    { key: "type", children: type },
    { key: "message", children: <code>{messageId}</code> },
    ...(flow === undefined ? [] : [{ key: "stage", children: `${flow} · ${stage ?? ""}` }]),
    ...(run === undefined ? [] : [{ key: "run", children: <Run run={run} /> }]),
    ...(order === undefined
      ? []
      : [
          {
            key: "order",
            children: (
              <Link to={`/orders/${order.orderId}`} data-testid="letter-order">
                {order.merchantId} {order.merchantOrderId} · {money(order.amount, order.currency)} ·{" "}
                {order.status}
              </Link>
            ),
          },
        ]),
  ];
  return (
    <Flex vertical gap="middle">
      <Alert
        type="error"
        showIcon
        title={t("letter.reason")}
        description={<span style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{reason}</span>}
      />
      <Descriptions
        size="small"
        column={1}
        items={items.map((item) => ({ ...item, label: t(`letter.${item.key}`) }))}
      />
      <div>
        <Typography.Text type="secondary">{t("letter.bodyHelp")}</Typography.Text>
        <JsonView value={body} label={t("letter.body")} />
      </div>
    </Flex>
  );
}

function Run({ run }: { readonly run: NonNullable<DeadLetterStory["run"]> }): ReactNode {
  const { t } = useTranslation("queues");
  return (
    <Flex vertical gap={4}>
      <code>{run.runId}</code>
      <span>
        <StatusTag tone={runTones[run.state] ?? "unknown"}>{t(`run.${run.state}`, run.state)}</StatusTag>
        {run.flow} · {run.stage} {run.reason === "" ? "" : `· ${run.reason}`}
      </span>
    </Flex>
  );
}
