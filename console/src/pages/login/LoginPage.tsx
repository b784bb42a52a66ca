/** Name and password, then the second factor's code when the API asks for it. */
import { Alert, Button, Flex, Form, Input } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation } from "react-router";
import { hasCode } from "../../api/error";
import { type Credentials, signIn } from "../../api/session";
import { useSessionActions, useSessionState } from "../../session";
import type { LoginState } from "../../session/RequireSession";
import { ProblemState } from "../../shared/ProblemState";
import { useOnce } from "../../shared/useOnce";
import { FrontPage } from "../../shell/FrontPage";

const codeLength = 6;

export function LoginPage(): ReactNode {
  const { t } = useTranslation("login");
  const session = useSessionState();
  const from = useOrigin();
  if (session.state === "present") return <Navigate to={from} replace />;
  return (
    <FrontPage title={t("title")}>
      <LoginForm />
    </FrontPage>
  );
}

/** Where the person wanted to go; a path of the console only, whatever the history says. */
function useOrigin(): string {
  const state = useLocation().state as LoginState | null;
  const from = state?.from ?? "/";
  return /^\/(?!\/)/.test(from) ? from : "/";
}

function LoginForm(): ReactNode {
  const { t } = useTranslation("login");
  const { enter } = useSessionActions();
  const [codeWanted, setCodeWanted] = useState(false);
  const attempt = useCallback(
    async (credentials: Credentials) => {
      try {
        enter(await signIn(credentials));
      } catch (error) {
        if (!hasCode(error, "second_factor_needed")) throw error;
        setCodeWanted(true);
        // The first time it is a question, with a code it is a wrong one.
        if (credentials.code !== undefined) throw error;
      }
    },
    [enter],
  );
  const [submit, busy, error] = useOnce(attempt);
  return (
    <Form<Credentials> layout="vertical" requiredMark={false} onFinish={(values) => void submit(values)}>
      <Form.Item name="name" label={t("name")} rules={[{ required: true, message: t("nameMissing") }]}>
        <Input
          autoFocus
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          data-testid="name"
        />
      </Form.Item>
      <Form.Item
        name="password"
        label={t("password")}
        rules={[{ required: true, message: t("passwordMissing") }]}
      >
        <Input.Password autoComplete="current-password" data-testid="password" />
      </Form.Item>
      {codeWanted ? <CodeField /> : null}
      <Flex vertical gap="small">
        <Failure error={error} />
        <Button type="primary" htmlType="submit" block loading={busy} data-testid="sign-in">
          {t("signIn")}
        </Button>
      </Flex>
    </Form>
  );
}

function CodeField(): ReactNode {
  const { t } = useTranslation("login");
  return (
    <Form.Item
      name="code"
      label={t("code")}
      extra={t("codeHelp")}
      rules={[{ required: true, len: codeLength, message: t("codeMissing") }]}
    >
      <Input
        autoFocus
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={codeLength}
        data-testid="code"
      />
    </Form.Item>
  );
}

function Failure({ error }: { readonly error: unknown }): ReactNode {
  const { t } = useTranslation("login");
  if (hasCode(error, "login_throttled")) {
    const minutes = Math.max(1, Math.ceil(error.retryAfterMs / 60_000));
    return (
      <Alert
        type="warning"
        showIcon
        role="alert"
        title={t("throttled", { count: minutes })}
        data-testid="throttled"
      />
    );
  }
  if (hasCode(error, "credentials_wrong"))
    return <Alert type="error" showIcon role="alert" title={t("wrong")} data-testid="wrong" />;
  if (hasCode(error, "second_factor_needed"))
    return <Alert type="error" showIcon role="alert" title={t("codeWrong")} data-testid="code-wrong" />;
  return <ProblemState error={error} />;
}
