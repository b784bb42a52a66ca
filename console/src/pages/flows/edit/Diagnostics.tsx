/** What is wrong, said by the compiler; each leads to its place. */
import { Alert, Button, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Diagnostic } from "../../../api/flows";
import { ProblemState } from "../../../shared/ProblemState";
import { StatusTag } from "../../../shared/StatusTag";
import type { Check } from "./useCheck";

export function CheckState({ check }: { readonly check: Check }): ReactNode {
  const { t } = useTranslation("flows");
  if (check.state === "failed") return <ProblemState error={check.error} />;
  const state = check.state === "checking" ? "checking" : check.last.ok ? "sound" : "unsound";
  const tone = { checking: "busy", sound: "good", unsound: "bad" } as const;
  const count = check.last?.ok === false ? check.last.diagnostics.length : 0;
  return (
    <div role="status" data-testid="check" data-state={state}>
      <StatusTag tone={tone[state]}>{t(`edit.check.${state}`, { count })}</StatusTag>
    </div>
  );
}

export function Diagnostics({
  diagnostics,
  onShow,
}: {
  readonly diagnostics: readonly Diagnostic[];
  readonly onShow: (diagnostic: Diagnostic) => void;
}): ReactNode {
  const { t } = useTranslation("flows");
  if (diagnostics.length === 0) return null;
  return (
    <Alert
      type="error"
      title={t("edit.wrong")}
      data-testid="diagnostics"
      description={
        <ul className="v-diagnostics">
          {diagnostics.map((diagnostic) => {
            const { file, pointer, code, message, hint } = diagnostic;
            return (
              <li key={`${file} ${pointer} ${code} ${message}`}>
                <Button type="link" size="small" onClick={() => onShow(diagnostic)} data-testid="diagnostic">
                  <code>
                    {file}:{pointer}
                  </code>
                </Button>{" "}
                {message} <Typography.Text type="secondary">{hint}</Typography.Text> <code>{code}</code>
              </li>
            );
          })}
        </ul>
      }
    />
  );
}
