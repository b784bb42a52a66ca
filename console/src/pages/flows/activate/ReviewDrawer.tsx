/** The last look before definitions come into force: what would change, and what recorded runs would have done. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Flex, Typography } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { applyFiles, compareFiles } from "../../../api/flows";
import { hasCode } from "../../../api/error";
import { QueryState } from "../../../shared/QueryState";
import { type ChangedBy, ReasonDialog } from "../../../shared/ReasonDialog";
import type { Draft } from "../draft";
import { flowKeys } from "../keys";
import { DifferenceView } from "./DifferenceView";
import { ReplayPanel } from "./ReplayPanel";
import { SupersededNotice } from "./SupersededNotice";

export interface ReviewDrawerProps {
  readonly open: boolean;
  readonly draft: Draft;
  readonly onClose: () => void;
  readonly onApplied: () => void;
}

export function ReviewDrawer({ open, draft, onClose, onApplied }: ReviewDrawerProps): ReactNode {
  const { t } = useTranslation("flows");
  const [asking, setAsking] = useState(false);
  const [apply, isSuperseded] = useApply(draft, onApplied);
  return (
    <Drawer
      open={open}
      onClose={onClose}
      title={t("review.title")}
      size={880}
      destroyOnHidden
      extra={
        <Button type="primary" onClick={() => setAsking(true)} disabled={isSuperseded} data-testid="activate">
          {t("review.activate")}
        </Button>
      }
    >
      <Flex vertical gap="middle" data-testid="review-drawer">
        {isSuperseded ? <SupersededNotice onLook={onClose} /> : null}
        <Difference draft={draft} />
      </Flex>
      <ReasonDialog
        open={asking}
        title={t("review.activate")}
        description={t("review.activateText", { version: draft.base.version })}
        confirmLabel={t("review.activate")}
        onConfirm={apply}
        onClose={() => setAsking(false)}
      />
    </Drawer>
  );
}

function Difference({ draft }: { readonly draft: Draft }): ReactNode {
  const { t } = useTranslation("flows");
  const compared = useQuery({
    queryKey: ["flows", "compare", draft.files],
    queryFn: ({ signal }) => compareFiles(draft.files, signal),
  });
  return (
    <QueryState query={compared}>
      {(difference) =>
        difference.ok ? (
          <Flex vertical gap="middle">
            <section>
              <Typography.Title level={5}>{t("difference.title")}</Typography.Title>
              <DifferenceView difference={difference} />
            </section>
            <ReplayPanel
              files={draft.files}
              changed={difference.flows.filter(({ change }) => change === "changed").map(({ flow }) => flow)}
            />
          </Flex>
        ) : (
          t("difference.unsound")
        )
      }
    </QueryState>
  );
}

/** Puts the draft in force, if what it was begun with still is. Superseded: somebody was faster. */
function useApply(
  draft: Draft,
  onApplied: () => void,
): readonly [apply: (by: ChangedBy) => Promise<void>, isSuperseded: boolean] {
  const { t } = useTranslation("flows");
  const { message } = App.useApp();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [superseded, setSuperseded] = useState<Draft>();
  const apply = useCallback(
    async (by: ChangedBy) => {
      try {
        const { version } = await applyFiles(draft.files, draft.base.version, by);
        void message.success(t("review.applied", { version }));
        onApplied();
        await queries.invalidateQueries({ queryKey: flowKeys.all });
        await navigate("/flows");
      } catch (error) {
        if (hasCode(error, "definitions_superseded")) {
          setSuperseded(draft);
          await queries.invalidateQueries({ queryKey: flowKeys.definitions });
        }
        throw error;
      }
    },
    [draft, message, navigate, onApplied, queries, t],
  );
  return [apply, superseded === draft];
}
