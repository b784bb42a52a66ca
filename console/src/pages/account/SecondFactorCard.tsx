/** The second factor: none, being set up with an authenticator app, or in force. */
import { Alert, Button, Flex, Form, Input, Modal, QRCode, Typography } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { hasCode } from "../../api/error";
import {
  confirmSecondFactor,
  type ProposedFactor,
  proposeSecondFactor,
  removeSecondFactor,
} from "../../api/account";
import { useSession, useSessionActions } from "../../session";
import { ProblemState } from "../../shared/ProblemState";
import { StatusTag } from "../../shared/StatusTag";
import { useOnce } from "../../shared/useOnce";

const codeLength = 6;

export function SecondFactorCard(): ReactNode {
  const { t } = useTranslation("account");
  const { hasPassword, secondFactor } = useSession().user;
  return (
    <Flex vertical gap="small" align="flex-start">
      <StatusTag tone={secondFactor ? "good" : "off"} testId="factor-state">
        {t(secondFactor ? "factor.on" : "factor.off")}
      </StatusTag>
      <Typography.Text type="secondary">{t("factor.help")}</Typography.Text>
      {secondFactor ? (
        <Removal />
      ) : hasPassword ? (
        <SetUp />
      ) : (
        <Alert type="info" showIcon title={t("factor.passwordFirst")} />
      )}
    </Flex>
  );
}

function SetUp(): ReactNode {
  const { t } = useTranslation("account");
  const [proposed, setProposed] = useState<ProposedFactor | undefined>(undefined);
  const propose = useCallback(async () => setProposed(await proposeSecondFactor()), []);
  const [begin, busy, error] = useOnce(propose);
  if (proposed) return <Confirmation proposed={proposed} />;
  return (
    <>
      <ProblemState error={error} />
      <Button type="primary" loading={busy} onClick={() => void begin()} data-testid="factor-begin">
        {t("factor.begin")}
      </Button>
    </>
  );
}

/** Nothing is in force before a code has shown that the app has the secret. */
function Confirmation({ proposed }: { readonly proposed: ProposedFactor }): ReactNode {
  const { t } = useTranslation("account");
  const { refresh } = useSessionActions();
  const confirm = useCallback(
    async ({ code }: { readonly code: string }) => {
      await confirmSecondFactor(code.trim());
      await refresh();
    },
    [refresh],
  );
  const [submit, busy, error] = useOnce(confirm);
  return (
    <Form
      layout="vertical"
      requiredMark={false}
      onFinish={(fields: { readonly code: string }) => void submit(fields)}
    >
      <Flex wrap gap="middle" align="center" style={{ marginBlockEnd: 12 }}>
        {/* Cameras read dark on light; in the dark theme, too. */}
        <QRCode value={proposed.uri} size={168} color="black" bgColor="white" aria-label={t("factor.qr")} />
        <Flex vertical gap="small" style={{ maxWidth: 240 }}>
          <Typography.Text>{t("factor.scan")}</Typography.Text>
          <Typography.Text code copyable style={{ wordBreak: "break-all" }} data-testid="factor-secret">
            {proposed.secret}
          </Typography.Text>
        </Flex>
      </Flex>
      <Form.Item
        name="code"
        label={t("factor.code")}
        rules={[{ required: true, message: t("factor.codeMissing") }]}
      >
        <Input
          autoFocus
          autoComplete="one-time-code"
          inputMode="numeric"
          maxLength={codeLength + 1}
          style={{ width: 140 }}
          data-testid="factor-code"
        />
      </Form.Item>
      <Flex vertical gap="small" align="flex-start">
        {hasCode(error, "field_invalid") ? (
          <Alert
            type="error"
            role="alert"
            showIcon
            title={t("factor.codeWrong")}
            data-testid="factor-wrong"
          />
        ) : (
          <ProblemState error={error} />
        )}
        <Button type="primary" htmlType="submit" loading={busy} data-testid="factor-confirm">
          {t("factor.confirm")}
        </Button>
      </Flex>
    </Form>
  );
}

function Removal(): ReactNode {
  const { t } = useTranslation("account");
  const { refresh } = useSessionActions();
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState("");
  const close = (): void => setOpen(false);
  const take = useCallback(
    async (given: string) => {
      await removeSecondFactor(given);
      setOpen(false);
      await refresh();
    },
    [refresh],
  );
  const [remove, busy, error, clear] = useOnce(take);
  return (
    <>
      <Button danger onClick={() => setOpen(true)} data-testid="factor-remove">
        {t("factor.remove")}
      </Button>
      <Modal
        open={open}
        title={t("factor.removeTitle")}
        okText={t("factor.remove")}
        okButtonProps={{ danger: true, disabled: password === "" }}
        cancelText={t("shell:cancel")}
        confirmLoading={busy}
        onOk={() => void remove(password)}
        onCancel={busy ? () => undefined : close}
        afterClose={() => {
          setPassword("");
          clear();
        }}
        destroyOnHidden
      >
        <Flex vertical gap="small">
          <Typography.Text>{t("factor.removeText")}</Typography.Text>
          <Input.Password
            autoFocus
            autoComplete="current-password"
            aria-label={t("password.current")}
            placeholder={t("password.current")}
            value={password}
            onChange={({ target }) => setPassword(target.value)}
            onPressEnter={() => void remove(password)}
            data-testid="factor-password"
          />
          <ProblemState error={error} />
        </Flex>
      </Modal>
    </>
  );
}
