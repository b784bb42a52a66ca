/** What stands below it is shown to somebody who is signed in; everybody else gets the login page and comes back. */
import { Flex, Spin } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation } from "react-router";
import { ProblemState } from "../shared/ProblemState";
import { useSessionActions, useSessionState } from "./SessionProvider";

/** Where to go after signing in. */
export interface LoginState {
  readonly from?: string;
}

export function RequireSession({ children }: { readonly children: ReactNode }): ReactNode {
  const session = useSessionState();
  const { refresh } = useSessionActions();
  const { t } = useTranslation("shell");
  const { pathname, search } = useLocation();
  switch (session.state) {
    case "present":
      return children;
    case "absent":
      return <Navigate to="/login" replace state={{ from: `${pathname}${search}` } satisfies LoginState} />;
    case "failed":
      return <ProblemState error={session.error} onRetry={refresh} />;
    case "loading":
      return (
        <Flex justify="center" align="center" className="v-full-height">
          <Spin size="large" aria-label={t("loading")} />
        </Flex>
      );
  }
}
