/**
 * `/welcome#<token>`: the one-time link that opens the first session. The token stands behind the `#`, so that no
 * server and no proxy writes it down, and it is taken out of the address before it is used.
 */
import { Alert, Button, Flex, Spin } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { hasCode } from "../../api/error";
import { enterByLink, type Session } from "../../api/session";
import { useSessionActions } from "../../session";
import { ProblemState } from "../../shared/ProblemState";
import { FrontPage } from "../../shell/FrontPage";

/** The link works once, and React may show a page twice: one attempt for each token. */
const attempts = new Map<string, Promise<Session>>();

function attempt(token: string): Promise<Session> {
  const known = attempts.get(token) ?? enterByLink(token);
  attempts.set(token, known);
  return known;
}

export function WelcomePage(): ReactNode {
  const { t } = useTranslation("welcome");
  const [token] = useState(() => window.location.hash.slice(1));
  // A bookmark or a shared screen does not keep it.
  useEffect(() => window.history.replaceState(window.history.state, "", window.location.pathname), []);
  return (
    <FrontPage title={t("title")}>
      {token === "" ? <Spent text={t("noToken")} /> : <Entering token={token} />}
    </FrontPage>
  );
}

function Entering({ token }: { readonly token: string }): ReactNode {
  const { t } = useTranslation("welcome");
  const { enter } = useSessionActions();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(undefined);
  useEffect(() => {
    attempt(token).then((session) => {
      enter(session);
      void navigate("/", { replace: true });
    }, setError);
  }, [token, enter, navigate]);
  if (error === undefined) return <Spin aria-label={t("entering")} />;
  return hasCode(error, "link_used") ? <Spent text={t("used")} /> : <ProblemState error={error} />;
}

/** Why the link opens nothing, and how to get in. */
function Spent({ text }: { readonly text: string }): ReactNode {
  const { t } = useTranslation("welcome");
  return (
    <Flex vertical gap="small">
      <Alert
        type="warning"
        showIcon
        role="alert"
        title={text}
        description={t("usedHelp")}
        data-testid="link-used"
      />
      <Link to="/login">
        <Button type="primary" block>
          {t("toLogin")}
        </Button>
      </Link>
    </Flex>
  );
}
