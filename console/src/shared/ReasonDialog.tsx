/**
 * Asks why before something is changed; the reason stays in the audit. The change is made once however often the
 * button is pressed, and the dialog stays open when it fails.
 */
import { Flex, Form, Input, Modal } from "antd";
import { type ReactNode, useCallback, useId } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../session";
import { ProblemState } from "./ProblemState";
import { useOnce } from "./useOnce";

/** What every change carries. The API takes the session's user for the author, whatever is sent. */
export interface ChangedBy {
  readonly author: string;
  readonly reason: string;
}

/** Characters; the API's limit. */
const reasonMax = 500;

export interface ReasonDialogProps {
  readonly open: boolean;
  readonly title: string;
  /** What will happen, for whom. */
  readonly description?: ReactNode;
  /** The verb on the button. */
  readonly confirmLabel: string;
  /** Cannot be taken back. */
  readonly danger?: boolean;
  /** More fields of the change, above the reason. */
  readonly children?: ReactNode;
  /** False while `children` are not filled in as they must be. */
  readonly ready?: boolean;
  /** Rejects when the change was not made; the dialog closes when it was. */
  readonly onConfirm: (by: ChangedBy) => Promise<unknown>;
  readonly onClose: () => void;
}

export function ReasonDialog(props: ReasonDialogProps): ReactNode {
  const { open, title, description, confirmLabel, danger = false, ready = true, onConfirm, onClose } = props;
  const { t } = useTranslation("shell");
  const { user } = useSession();
  const [form] = Form.useForm<{ reason: string }>();
  const formId = useId();
  const change = useCallback(
    async ({ reason }: { readonly reason: string }) => {
      await onConfirm({ author: user.name, reason: reason.trim() });
      onClose();
    },
    [onConfirm, onClose, user.name],
  );
  const [confirm, busy, error, clear] = useOnce(change);
  const afterClose = (): void => {
    form.resetFields();
    clear();
  };
  return (
    <Modal
      open={open}
      title={title}
      okText={confirmLabel}
      okButtonProps={{ danger, htmlType: "submit", form: formId, disabled: !ready, ...testId("confirm") }}
      cancelText={t("cancel")}
      confirmLoading={busy}
      onCancel={busy ? () => undefined : onClose}
      afterClose={afterClose}
      mask={{ closable: false }}
      destroyOnHidden
      wrapProps={testId("reason-dialog")}
    >
      <Flex vertical gap="small">
        {description === undefined ? null : <div>{description}</div>}
        {props.children}
        <Form form={form} id={formId} layout="vertical" onFinish={(values) => void confirm(values)}>
          <Form.Item
            name="reason"
            label={t("reason.label")}
            extra={t("reason.help")}
            rules={[{ required: true, whitespace: true, message: t("reason.missing") }]}
          >
            <Input.TextArea autoFocus rows={2} maxLength={reasonMax} data-testid="reason" />
          </Form.Item>
        </Form>
        <ProblemState error={error} />
      </Flex>
    </Modal>
  );
}

const testId = (id: string): Record<`data-${string}`, string> => ({ "data-testid": id });
