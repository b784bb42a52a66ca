/** What the merchant was told, what they answered, and telling them again. */
import { SendOutlined } from "@ant-design/icons";
import { Button, Card, Flex, Typography } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { actOn, type AskedAction, type OrderStory, type StoryNotification } from "../../api/orders";
import { Can } from "../../session";
import { StatusTag, type Tone } from "../../shared/StatusTag";
import { useFormat } from "../../shared/useFormat";
import { ActionDialog } from "./ActionDialog";
import { Why } from "./OrderActions";

const tones: Readonly<Record<string, Tone>> = { sending: "busy", delivered: "good", failed: "bad" };

export function Notifications({ story }: { readonly story: OrderStory }): ReactNode {
  const { t } = useTranslation("orders");
  const [chosen, setChosen] = useState<StoryNotification | undefined>(undefined);
  const { orderId, notifications, actions } = story;
  const notificationId = chosen?.notificationId;
  const act = useCallback(
    (asked: AskedAction) =>
      actOn(orderId, "resend", { ...asked, ...(notificationId === undefined ? {} : { notificationId }) }),
    [orderId, notificationId],
  );
  if (notifications.length === 0) return null;
  return (
    <Card size="small" title={t("section.notifications")} data-testid="notifications">
      <Flex vertical gap="small">
        {notifications.map((notification) => (
          <Notification
            key={notification.notificationId}
            notification={notification}
            action={actions.find(
              ({ action, target }) => action === "resend" && target === notification.notificationId,
            )}
            onResend={() => setChosen(notification)}
          />
        ))}
      </Flex>
      <ActionDialog
        action="resend"
        open={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        description={t("about.resend", { event: chosen?.event, url: chosen?.url })}
        act={act}
      />
    </Card>
  );
}

function Notification({
  notification,
  action,
  onResend,
}: {
  readonly notification: StoryNotification;
  readonly action: OrderStory["actions"][number] | undefined;
  readonly onResend: () => void;
}): ReactNode {
  const { t } = useTranslation("orders");
  const format = useFormat();
  const { event, url, status, attempts, answerStatus, answerDetail, updatedAtMs } = notification;
  return (
    <Flex vertical gap={2}>
      <Flex wrap gap="small" align="center">
        <Typography.Text strong>{event}</Typography.Text>
        <StatusTag tone={tones[status] ?? "unknown"} testId={`notification-${event}`}>
          {t(`notification.${status}`, { defaultValue: status })}
        </StatusTag>
        <Typography.Text type="secondary">
          {t("notification.attempts", { count: attempts })} · {format.dateTime(updatedAtMs)}
        </Typography.Text>
        <Can right="orders.act">
          <Button
            size="small"
            icon={<SendOutlined />}
            disabled={action?.possible !== true}
            data-testid={`resend-${event}`}
            onClick={onResend}
          >
            {t("action.resend")}
          </Button>
          {action === undefined || action.possible ? null : (
            <Typography.Text type="secondary">
              <Why action={action} />
            </Typography.Text>
          )}
        </Can>
      </Flex>
      <Typography.Text type="secondary" style={{ overflowWrap: "anywhere" }}>
        {url}
      </Typography.Text>
      {answerStatus === undefined ? null : (
        <Typography.Text style={{ overflowWrap: "anywhere" }}>
          {answerStatus === 0
            ? t("notification.noAnswer", { detail: answerDetail })
            : t("notification.answer", { status: answerStatus, detail: answerDetail })}
        </Typography.Text>
      )}
    </Flex>
  );
}
