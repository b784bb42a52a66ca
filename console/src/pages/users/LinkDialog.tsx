import { Alert, Flex, Modal, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

/** A one-time link, and whom it lets in. */
export interface ShownLink {
  readonly name: string;
  readonly link: string;
}

/** Shows a one-time link, once: it is kept nowhere, and a lost one is replaced by the next. */
export function LinkDialog({
  shown,
  onClose,
}: {
  readonly shown: ShownLink | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("users");
  // What is shown while the dialog fades away.
  const [last, setLast] = useState(shown);
  if (shown !== undefined && shown !== last) setLast(shown);
  return (
    <Modal
      open={shown !== undefined}
      title={t("link.title", { name: last?.name })}
      okText={t("link.done")}
      onOk={onClose}
      onCancel={onClose}
      footer={(_, { OkBtn }) => <OkBtn />}
      mask={{ closable: false }}
      destroyOnHidden
    >
      <Flex vertical gap="small">
        <Typography.Paragraph code copyable={{ text: last?.link ?? "" }} data-testid="link">
          {last?.link}
        </Typography.Paragraph>
        <Alert type="warning" showIcon title={t("link.help")} />
      </Flex>
    </Modal>
  );
}
