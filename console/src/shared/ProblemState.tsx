/** What went wrong, in the words of the API, with what to do next. */
import { Alert, Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/error";

export function ProblemState({
  error,
  onRetry,
}: {
  /** null and undefined show nothing. */
  readonly error: unknown;
  readonly onRetry?: () => unknown;
}): ReactNode {
  const { t, i18n } = useTranslation("shell");
  if (error === null || error === undefined) return null;
  const problem = error instanceof ApiError ? error : undefined;
  // Codes have texts where the console can say more than the API, and in Chinese.
  const key = `problem.${problem?.code ?? "page_failed"}`;
  const title = i18n.exists(`shell:${key}`) ? t(key) : (problem?.title ?? t("problem.page_failed"));
  return (
    <Alert
      type="error"
      role="alert"
      showIcon
      data-testid="problem"
      title={title}
      description={
        <ProblemText problem={problem} message={error instanceof Error ? error.message : String(error)} />
      }
      action={
        onRetry === undefined ? undefined : (
          <Button size="small" onClick={() => void onRetry()}>
            {t("retry")}
          </Button>
        )
      }
    />
  );
}

function ProblemText({
  problem,
  message,
}: {
  readonly problem: ApiError | undefined;
  readonly message: string;
}): ReactNode {
  if (!problem) return message;
  return (
    <>
      <div>{problem.detail}</div>
      {problem.errors.length === 0 ? null : (
        <ul>
          {problem.errors.map(({ pointer, message: text }) => (
            <li key={`${pointer} ${text}`}>
              <code>{pointer}</code> {text}
            </li>
          ))}
        </ul>
      )}
      <code data-testid="problem-code">{problem.code}</code>
    </>
  );
}
