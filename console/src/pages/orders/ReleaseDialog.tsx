import { Alert, Form, Input, Select } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { type AskedAction, releaseRun, type StoryRun, type StoryStage } from "../../api/orders";
import { ActionDialog } from "./ActionDialog";

/** A parked run goes on in a stage of its flow; some stages want to know what the person has decided. */
export function ReleaseDialog({
  run,
  onClose,
}: {
  readonly run: StoryRun;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("orders");
  const stages = run.mayGoOnIn ?? [];
  const [name, setName] = useState(run.stage);
  const [decided, setDecided] = useState<Readonly<Record<string, string>>>({});
  const stage = stages.find((each) => each.stage === name);
  const { runId } = run;
  const act = useCallback(
    (asked: AskedAction) => {
      const said = Object.fromEntries(
        Object.keys(stage?.decisions ?? {}).flatMap((field) => {
          const value = decided[field]?.trim() ?? "";
          return value === "" ? [] : [[field, value]];
        }),
      );
      // A stage that moves money has to be named; naming it is what the choice here does.
      return releaseRun(runId, { ...asked, stage: name, decided: said });
    },
    [runId, name, decided, stage],
  );
  return (
    <ActionDialog
      action="release"
      open
      onClose={onClose}
      danger={stage?.sends === true}
      ready={stage !== undefined}
      description={t("about.release", { flow: run.flow, stage: run.stage, reason: run.reason })}
      act={act}
    >
      <Form layout="vertical" component={false}>
        <Form.Item label={t("release.stage")}>
          <Select
            value={name}
            options={stages.map((each) => ({ value: each.stage, label: <StageName stage={each} /> }))}
            aria-label={t("release.stage")}
            data-testid="release-stage"
            onChange={(chosen: string) => setName(chosen)}
          />
        </Form.Item>
        {Object.entries(stage?.decisions ?? {}).map(([field, title]) => (
          <Form.Item key={field} label={t(`decision.${field}`, { defaultValue: title })}>
            <Input
              value={decided[field] ?? ""}
              data-testid={`decide-${field}`}
              onChange={({ target }) => setDecided({ ...decided, [field]: target.value })}
            />
          </Form.Item>
        ))}
      </Form>
      {stage?.sends === true ? <Alert type="warning" showIcon title={t("release.sends")} /> : null}
    </ActionDialog>
  );
}

function StageName({
  stage: { stage, transaction, sends, asks },
}: {
  readonly stage: StoryStage;
}): ReactNode {
  const { t } = useTranslation("orders");
  const notes = [...(sends ? [t("release.moves")] : []), ...(asks ? [t("release.asks")] : [])];
  return `${stage} · ${transaction}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`;
}
