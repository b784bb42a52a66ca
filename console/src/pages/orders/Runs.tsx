/** The order's runs: where each stands, what carries it on, and letting a parked one go on. */
import { CaretRightOutlined } from "@ant-design/icons";
import { Button, Card, Flex, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OrderStory, StoryRun } from "../../api/orders";
import { Can } from "../../session";
import { StatusTag, type Tone } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { ReleaseDialog } from "./ReleaseDialog";

const tones: Readonly<Record<StoryRun["state"], Tone>> = {
  open: "busy",
  waiting: "waiting",
  parked: "attention",
  ended: "off",
};

export function Runs({ story: { runs, deadLetters } }: { readonly story: OrderStory }): ReactNode {
  const { t } = useTranslation("orders");
  const [chosen, setChosen] = useState<StoryRun | undefined>(undefined);
  if (runs.length === 0) return null;
  return (
    <Card size="small" title={t("section.runs")} data-testid="runs">
      <Flex vertical gap="small">
        {runs.map((run) => (
          <Run key={run.runId} run={run} onRelease={() => setChosen(run)} />
        ))}
        {deadLetters.map(({ messageId, queue, reason }) => (
          <Typography.Text key={messageId} type="danger">
            {t("run.deadLetter", { queue, reason })}
          </Typography.Text>
        ))}
      </Flex>
      {chosen === undefined ? null : (
        <ReleaseDialog key={chosen.runId} run={chosen} onClose={() => setChosen(undefined)} />
      )}
    </Card>
  );
}

function Run({ run, onRelease }: { readonly run: StoryRun; readonly onRelease: () => void }): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  return (
    <Flex vertical gap={2}>
      <Flex wrap gap="small" align="center">
        <Typography.Text strong>
          {run.flow}/{run.stage}
        </Typography.Text>
        <StatusTag tone={tones[run.state]}>{t(`run.${run.state}`)}</StatusTag>
        {run.reason === "" ? null : <span>{run.reason}</span>}
        {run.state === "parked" ? (
          <Can right="orders.act">
            <Button
              size="small"
              icon={<CaretRightOutlined />}
              data-testid={`release-${run.flow}`}
              onClick={onRelease}
            >
              {t("action.release")}
            </Button>
          </Can>
        ) : null}
      </Flex>
      <Typography.Text type="secondary">
        {run.title} · {format.dateTime(run.createdAtMs)} · <Typography.Text code>{run.runId}</Typography.Text>
      </Typography.Text>
      {run.problem === undefined ? null : (
        <Typography.Text type="danger">{run.problem.detail}</Typography.Text>
      )}
      {run.carriedBy.map((carrier) => (
        <Typography.Text key={carrier.kind} type="secondary">
          {carrier.kind === "timer"
            ? t("run.timer", { time: format.time(carrier.dueAtMs) })
            : t("run.message", { queue: carrier.queue, state: t(`run.carried.${carrier.state}`) })}
        </Typography.Text>
      ))}
    </Flex>
  );
}
