/** Asks why, acts once, says what was set going and shows the order anew. */
import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ActionDone, ActionName, AskedAction } from "../../api/orders";
import { type ChangedBy, ReasonDialog } from "../../shared/ReasonDialog";
import { newActionId } from "./actionId";

export interface ActionDialogProps {
  readonly action: ActionName;
  readonly open: boolean;
  readonly onClose: () => void;
  /** What will happen, for whom. */
  readonly description: ReactNode;
  readonly act: (asked: AskedAction) => Promise<ActionDone>;
  readonly danger?: boolean;
  readonly ready?: boolean;
  readonly children?: ReactNode;
}

export function ActionDialog({ action, act, ...dialog }: ActionDialogProps): ReactNode {
  const { t } = useTranslation("orders");
  const { message } = App.useApp();
  const queries = useQueryClient();
  // One id for as long as the order stays as it was: after an answer that was lost the same thing is asked for again.
  const [actionId, setActionId] = useState(newActionId);
  const confirm = useCallback(
    async (by: ChangedBy) => {
      const { repeated } = await act({ ...by, actionId });
      setActionId(newActionId());
      await queries.invalidateQueries({ queryKey: ["order"] });
      void message.success(t(repeated ? "done.before" : `done.${action}`));
    },
    [act, action, actionId, message, queries, t],
  );
  return (
    <ReasonDialog
      {...dialog}
      title={t(`action.${action}`)}
      confirmLabel={t(`action.${action}`)}
      onConfirm={confirm}
    />
  );
}
