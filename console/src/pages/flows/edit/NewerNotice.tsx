/** Somebody else has put definitions in force while these were being written. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Flex } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { compareFiles, type Definitions } from "../../../api/flows";
import { useFormat } from "../../../shared/useFormat";
import { DifferenceView } from "../activate/DifferenceView";
import { changedPaths, type Draft, useDraft } from "../draft";
import { rebased } from "./rebase";

export function NewerNotice({
  draft,
  inForce,
  onRestart,
}: {
  readonly draft: Draft;
  readonly inForce: Definitions;
  readonly onRestart: () => void;
}): ReactNode {
  const { t } = useTranslation("flows");
  const format = useFormat();
  const { keep } = useDraft();
  const isNewer = inForce.version !== draft.base.version && changedPaths(draft).length > 0;
  const merged = isNewer ? rebased(draft, inForce) : undefined;
  if (!isNewer) return null;
  const { version, author, reason } = inForce;
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      data-testid="newer"
      title={t("newer.title", { version, author, at: format.dateTime(inForce.activatedAtMs ?? 0) })}
      description={
        <Flex vertical gap="small">
          <span>{t("newer.text", { reason })}</span>
          <TheirDifference draft={draft} />
        </Flex>
      }
      action={
        <Flex vertical gap="small">
          <Button
            size="small"
            disabled={merged === undefined}
            onClick={() => keep(merged)}
            title={merged === undefined ? t("newer.cannot") : undefined}
            data-testid="take-over"
          >
            {t("newer.takeOver")}
          </Button>
          <Button size="small" danger onClick={onRestart} data-testid="restart">
            {t("newer.restart")}
          </Button>
        </Flex>
      }
    />
  );
}

/** What putting the draft in force as it is would undo of theirs, and change of its own. */
function TheirDifference({ draft }: { readonly draft: Draft }): ReactNode {
  const { t } = useTranslation("flows");
  const { data } = useQuery({
    queryKey: ["flows", "theirs", draft.files],
    queryFn: ({ signal }) => compareFiles(draft.files, signal),
  });
  if (!data?.ok) return null;
  return (
    <details data-testid="newer-difference">
      <summary>{t("newer.look")}</summary>
      <DifferenceView difference={data} />
    </details>
  );
}
