/** Chooses or changes the password. Every other browser of the person is signed out by it. */
import { App, Button, Flex, Form, Input, Typography } from "antd";
import { type ReactNode, useCallback } from "react";
import { useTranslation } from "react-i18next";
import { changePassword } from "../../api/account";
import { useSession, useSessionActions } from "../../session";
import { ProblemState } from "../../shared/ProblemState";
import { useOnce } from "../../shared/useOnce";

/** Characters; the API's rule. */
const lengthMin = 12;

interface Fields {
  readonly current?: string;
  readonly password: string;
  readonly repeated: string;
}

export function PasswordCard(): ReactNode {
  const { t } = useTranslation("account");
  const { user, byLink } = useSession();
  const { enter } = useSessionActions();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const asksCurrent = user.hasPassword && byLink !== true;
  const change = useCallback(
    async ({ current, password }: Fields) => {
      enter(await changePassword({ password, ...(current === undefined ? {} : { current }) }));
      form.resetFields();
      void message.success(t("password.done"));
    },
    [enter, form, message, t],
  );
  const [submit, busy, error] = useOnce(change);
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      onFinish={(fields) => void submit(fields)}
    >
      <Typography.Paragraph type="secondary">{t("password.help", { count: lengthMin })}</Typography.Paragraph>
      {/* Password managers want to know whose it is. */}
      <input type="text" name="username" autoComplete="username" value={user.name} readOnly hidden />
      {asksCurrent ? (
        <Form.Item
          name="current"
          label={t("password.current")}
          rules={[{ required: true, message: t("password.currentMissing") }]}
        >
          <Input.Password autoComplete="current-password" data-testid="current-password" />
        </Form.Item>
      ) : null}
      <Form.Item
        name="password"
        label={t("password.next")}
        rules={[{ required: true, min: lengthMin, message: t("password.short", { count: lengthMin }) }]}
      >
        <Input.Password autoComplete="new-password" data-testid="new-password" />
      </Form.Item>
      <Form.Item
        name="repeated"
        label={t("password.repeated")}
        dependencies={["password"]}
        rules={[
          { required: true, message: t("password.differs") },
          ({ getFieldValue }) => ({
            validator: (_rule, value: unknown) =>
              value === getFieldValue("password")
                ? Promise.resolve()
                : Promise.reject(new Error(t("password.differs"))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" data-testid="repeated-password" />
      </Form.Item>
      <Flex vertical gap="small" align="flex-start">
        <ProblemState error={error} />
        <Button type="primary" htmlType="submit" loading={busy} data-testid="set-password">
          {t(user.hasPassword ? "password.change" : "password.set")}
        </Button>
      </Flex>
    </Form>
  );
}
