/** Recomputes the chain on the server and says what was found. */
import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Typography } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { type AuditVerdict, verifyAudit } from "../../api/audit";
import { ProblemState } from "../../shared/ProblemState";
import { useFormat } from "../../shared/useFormat";
import { useOnce } from "../../shared/useOnce";

export function Verification(): ReactNode {
  const { t } = useTranslation("audit");
  const [verdict, setVerdict] = useState<AuditVerdict | undefined>(undefined);
  const ask = useCallback(async () => setVerdict(await verifyAudit()), []);
  const [verify, busy, error] = useOnce(ask);
  return (
    <Flex vertical gap="small" align="flex-start">
      <Button
        icon={<SafetyCertificateOutlined aria-hidden />}
        loading={busy}
        onClick={() => void verify()}
        data-testid="audit-verify"
      >
        {t("verify.button")}
      </Button>
      <ProblemState error={error} />
      {verdict === undefined ? null : <Verdict verdict={verdict} />}
    </Flex>
  );
}

function Verdict({ verdict }: { readonly verdict: AuditVerdict }): ReactNode {
  const { t } = useTranslation("audit");
  const { count } = useFormat();
  const lines = count(verdict.lines);
  return verdict.sound ? (
    <Alert
      type="success"
      showIcon
      role="status"
      title={t("verify.sound", { lines })}
      description={
        <Typography.Text
          copyable={{ text: `${verdict.head.seq}:${verdict.head.hash}` }}
          style={{ wordBreak: "break-all" }}
        >
          {t("verify.head", { head: `${verdict.head.seq}:${verdict.head.hash}` })}
        </Typography.Text>
      }
      data-testid="audit-sound"
    />
  ) : (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={t("verify.broken", { seq: verdict.seq })}
      description={t("verify.why", { why: t(`flaw.${verdict.flaw}`, { defaultValue: verdict.why }), lines })}
      data-testid="audit-broken"
    />
  );
}
