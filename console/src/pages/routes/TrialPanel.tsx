/** The draft tried before it takes effect: on orders that were recorded, or on one nobody places. */
import { Alert, Button, Card, Flex, InputNumber, Segmented, Typography } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type RouteRule,
  type SampleOrder,
  type TrialOrders,
  type TrialReport,
  tryRules,
} from "../../api/routes";
import { ProblemState } from "../../shared/ProblemState";
import { useOnce } from "../../shared/useOnce";
import { SampleForm } from "./SampleForm";
import { TrialResult } from "./TrialResult";

type Source = "recorded" | "sample";

const lastDefault = 200;
const lastMax = 500;

interface Tried {
  readonly report: TrialReport;
  readonly source: Source;
  /** What was tried: another draft makes the result old. */
  readonly rules: readonly RouteRule[];
}

export function TrialPanel({
  rules,
  isSound,
  isChanged,
}: {
  readonly rules: readonly RouteRule[];
  readonly isSound: boolean;
  readonly isChanged: boolean;
}): ReactNode {
  const { t } = useTranslation("routes");
  const [source, setSource] = useState<Source>("recorded");
  const [last, setLast] = useState(lastDefault);
  const [tried, setTried] = useState<Tried>();
  const attempt = useCallback(
    async (orders: TrialOrders, from: Source) => {
      setTried({ report: await tryRules(rules, orders), source: from, rules });
    },
    [rules],
  );
  const [run, busy, error] = useOnce(attempt);
  return (
    <Card size="small" title={t("trial.title")} data-testid="trial">
      <Flex vertical gap="small">
        <Typography.Text type="secondary">
          {t(isChanged ? "trial.ofDraft" : "trial.ofInForce")}
        </Typography.Text>
        <Segmented<Source>
          value={source}
          onChange={setSource}
          options={[
            { value: "recorded", label: t("trial.recorded") },
            { value: "sample", label: t("trial.sample") },
          ]}
        />
        {source === "sample" ? (
          <SampleForm
            busy={busy}
            disabled={!isSound}
            onTry={(order: SampleOrder) => void run([order], "sample")}
          />
        ) : (
          <Flex gap="small" align="center" wrap>
            <span>{t("trial.last")}</span>
            <InputNumber
              value={last}
              min={1}
              max={lastMax}
              precision={0}
              aria-label={t("trial.lastLabel")}
              onChange={(value) => setLast(value ?? lastDefault)}
            />
            <Button
              type="primary"
              loading={busy}
              disabled={!isSound}
              data-testid="try"
              onClick={() => void run({ last }, "recorded")}
            >
              {t("trial.action")}
            </Button>
          </Flex>
        )}
        {isSound ? null : <Typography.Text type="secondary">{t("trial.unsound")}</Typography.Text>}
        <ProblemState error={error} />
        {tried === undefined ? null : (
          <>
            {tried.rules === rules ? null : <Alert type="warning" showIcon title={t("trial.old")} />}
            <TrialResult report={tried.report} isSample={tried.source === "sample"} />
          </>
        )}
      </Flex>
    </Card>
  );
}
