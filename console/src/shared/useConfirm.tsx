import { App } from "antd";
import { type ReactNode, useCallback } from "react";
import { useTranslation } from "react-i18next";

export interface Question {
  readonly title: string;
  readonly text?: ReactNode;
  /** The verb on the button. */
  readonly confirmLabel: string;
  readonly danger?: boolean;
}

/** Asks yes or no before something that needs no reason, such as leaving unsaved text. */
export function useConfirm(): (question: Question) => Promise<boolean> {
  const { modal } = App.useApp();
  const { t } = useTranslation("shell");
  return useCallback(
    async ({ title, text, confirmLabel, danger = false }) =>
      modal.confirm({
        title,
        content: text,
        okText: confirmLabel,
        okButtonProps: { danger },
        cancelText: t("cancel"),
      }),
    [modal, t],
  );
}
