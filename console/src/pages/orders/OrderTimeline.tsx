/** Everything that happened, in order: when, what, how long, and what came of it; more of each when one looks into it. */
import {
  AuditOutlined,
  BellOutlined,
  CheckOutlined,
  HourglassOutlined,
  InboxOutlined,
  SaveOutlined,
  SendOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import { Flex, Timeline, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { OrderStory, StoryEvent, StoryStep } from "../../api/orders";
import { useFormat } from "../../shared/useFormat";
import { Details } from "./Details";

type Look = readonly [icon: ReactNode, color: string];

const looks: Readonly<Record<StoryEvent["kind"] | "wait", Look>> = {
  accepted: [<InboxOutlined key="i" aria-hidden />, "blue"],
  intent: [<SendOutlined key="i" aria-hidden />, "blue"],
  barrier: [<SaveOutlined key="i" aria-hidden />, "gray"],
  transaction: [<CheckOutlined key="i" aria-hidden />, "green"],
  wait: [<HourglassOutlined key="i" aria-hidden />, "gray"],
  signal: [<BellOutlined key="i" aria-hidden />, "blue"],
  "dead-letter": [<WarningOutlined key="i" aria-hidden />, "red"],
  operator: [<AuditOutlined key="i" aria-hidden />, "orange"],
};

/** A wait has no steps, and its name is what it waited for. */
const isWait = ({ kind, steps, queueWaitMs }: StoryEvent): boolean =>
  kind === "transaction" && steps.length === 0 && queueWaitMs === undefined;

export function OrderTimeline({ story: { timeline } }: { readonly story: OrderStory }): ReactNode {
  return (
    <Timeline
      data-testid="timeline"
      items={timeline.map((event, index) => {
        const [icon, color] = looks[isWait(event) ? "wait" : event.kind];
        return { key: `${index} ${event.runId}`, icon, color, content: <Happened event={event} /> };
      })}
    />
  );
}

function Happened({ event }: { readonly event: StoryEvent }): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  const { atMs, offsetMs, tookMs, queueWaitMs, outcome, next } = event;
  const waited = queueWaitMs === undefined || queueWaitMs < 1 ? undefined : format.duration(queueWaitMs);
  return (
    <Flex vertical gap={2} data-testid={`event-${event.kind}`}>
      <Flex wrap gap="small">
        <Typography.Text type="secondary" title={format.dateTime(atMs)}>
          {format.preciseTime(atMs)} (+{format.duration(Math.max(0, offsetMs))})
        </Typography.Text>
        <Typography.Text strong>{useTitle(event)}</Typography.Text>
        {outcome === undefined ? null : <span>{outcome}</span>}
        {next === undefined ? null : <Typography.Text type="secondary">→ {next}</Typography.Text>}
        {tookMs === undefined ? null : (
          <Typography.Text type="secondary">
            {t("timeline.took", { duration: format.duration(tookMs) })}
          </Typography.Text>
        )}
        {waited === undefined ? null : (
          <Typography.Text type="secondary">{t("timeline.queued", { duration: waited })}</Typography.Text>
        )}
      </Flex>
      {event.by === undefined ? null : (
        <Typography.Text>
          {t("timeline.by", { author: event.by.author, reason: event.by.reason })}
        </Typography.Text>
      )}
      {event.steps.map((step, index) => (
        <Step key={index} step={step} />
      ))}
      <Details label={t("timeline.fields")} value={event.fields} />
    </Flex>
  );
}

/** What happened, in words. */
function useTitle({ kind, name, flow, stage, ...event }: StoryEvent): string {
  const { t } = useTranslation("orders");
  const where = `${flow}/${stage ?? ""}`;
  if (kind === "operator")
    return t("timeline.operator", { action: t(`action.${name}`, { defaultValue: name }) });
  if (isWait({ kind, flow, ...event })) return t("timeline.wait", { where, name });
  return t(`timeline.${kind}`, { where, flow, name: name ?? "" });
}

function Step({
  step: { atom, outcome, elapsedMs, inquired, trace },
}: {
  readonly step: StoryStep;
}): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  return (
    <div style={{ paddingInlineStart: 12 }}>
      <Typography.Text code>{atom}</Typography.Text> {outcome}{" "}
      <Typography.Text type="secondary">
        {format.duration(elapsedMs)}
        {inquired === true ? ` · ${t("timeline.inquired")}` : ""}
      </Typography.Text>
      <Details label={t("timeline.exchange")} value={trace} />
    </div>
  );
}
