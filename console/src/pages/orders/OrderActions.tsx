/** What can be done to the order as a whole, and in words why the rest cannot. Who may not does not see it. */
import { CloseCircleOutlined, QuestionCircleOutlined, RollbackOutlined } from "@ant-design/icons";
import { Button, Card, Flex, Typography } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { actOn, type AskedAction, type OrderStory, type PossibleAction } from "../../api/orders";
import type { Right } from "../../api/session";
import { useRight } from "../../session";
import { ActionDialog } from "./ActionDialog";
import { RefundDialog } from "./RefundDialog";

type WholeOrder = "inquire" | "refund" | "close";

const buttons: readonly (readonly [action: WholeOrder, right: Right, icon: ReactNode])[] = [
  ["inquire", "orders.act", <QuestionCircleOutlined key="inquire" />],
  ["refund", "orders.refund", <RollbackOutlined key="refund" />],
  ["close", "orders.act", <CloseCircleOutlined key="close" />],
];

export function OrderActions({ story }: { readonly story: OrderStory }): ReactNode {
  const { t } = useTranslation("orders");
  const [open, setOpen] = useState<WholeOrder | undefined>(undefined);
  const rights = { "orders.act": useRight("orders.act"), "orders.refund": useRight("orders.refund") };
  const shown = buttons.flatMap(([action, right, icon]) => {
    const found = story.actions.find((each) => each.action === action);
    return found && rights[right as keyof typeof rights] ? [{ action, icon, found }] : [];
  });
  if (shown.length === 0) return null;
  const close = (): void => setOpen(undefined);
  return (
    <Card size="small" title={t("section.actions")} data-testid="actions">
      <Flex wrap gap="small">
        {shown.map(({ action, icon, found }) => (
          <Button
            key={action}
            icon={icon}
            disabled={!found.possible}
            danger={action !== "inquire"}
            aria-describedby={found.possible ? undefined : `why-${action}`}
            data-testid={`act-${action}`}
            onClick={() => setOpen(action)}
          >
            {t(`action.${action}`)}
          </Button>
        ))}
      </Flex>
      {shown.map(({ action, found }) =>
        found.possible ? null : (
          <div key={action} id={`why-${action}`}>
            <Typography.Text type="secondary" data-testid={`why-${action}`}>
              {t(`action.${action}`)}: <Why action={found} />
            </Typography.Text>
          </div>
        ),
      )}
      <PlainDialog story={story} action="inquire" open={open === "inquire"} onClose={close} />
      <PlainDialog story={story} action="close" open={open === "close"} onClose={close} />
      <RefundDialog story={story} open={open === "refund"} onClose={close} />
    </Card>
  );
}

/** Why an action cannot be done, in the person's language. */
export function Why({ action: { code, why, againInMs } }: { readonly action: PossibleAction }): ReactNode {
  const { t } = useTranslation("orders");
  return t(`why.${code}`, { defaultValue: why, seconds: Math.ceil((againInMs ?? 0) / 1000) });
}

interface PlainProps {
  readonly story: OrderStory;
  readonly action: "inquire" | "close";
  readonly open: boolean;
  readonly onClose: () => void;
}

function PlainDialog({ story: { orderId }, action, open, onClose }: PlainProps): ReactNode {
  const { t } = useTranslation("orders");
  const act = useCallback((asked: AskedAction) => actOn(orderId, action, asked), [orderId, action]);
  return (
    <ActionDialog
      action={action}
      open={open}
      onClose={onClose}
      danger={action === "close"}
      description={t(`about.${action}`)}
      act={act}
    />
  );
}
