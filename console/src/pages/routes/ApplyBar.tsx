/** What the draft comes to: unchanged, wrong, or ready to be applied; and that somebody else was first. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { applyRules } from "../../api/routes";
import { type ChangedBy, ReasonDialog } from "../../shared/ReasonDialog";
import { StatusTag } from "../../shared/StatusTag";
import { useConfirm } from "../../shared/useConfirm";
import { useFormat } from "../../shared/useFormat";
import { differenceOf } from "./difference";
import { RuleDifferenceView } from "./RuleDifferenceView";
import { type DraftCheck, historyKey, type RuleDraft, rulesKey } from "./useRules";

export function ApplyBar({
  state,
  check,
  readOnly,
}: {
  readonly state: RuleDraft;
  readonly check: DraftCheck;
  readonly readOnly: boolean;
}): ReactNode {
  const { t } = useTranslation("routes");
  const [isOpen, setOpen] = useState(false);
  const discard = useDiscard(state);
  const { isChanged, newer } = state;
  return (
    <Flex vertical gap="small">
      {newer === undefined ? null : <NewerNotice state={state} />}
      <Flex gap="small" align="center" wrap>
        <CheckTag check={check} />
        <Typography.Text type="secondary" data-testid="draft-state">
          {t(isChanged ? "apply.changed" : "apply.unchanged", { version: state.base.version })}
        </Typography.Text>
        {readOnly ? (
          <Typography.Text type="secondary">{t("apply.readOnly")}</Typography.Text>
        ) : (
          <Flex gap="small" style={{ marginInlineStart: "auto" }}>
            <Button disabled={!isChanged} data-testid="discard-draft" onClick={() => void discard()}>
              {t("apply.discard")}
            </Button>
            <Button
              type="primary"
              disabled={!isChanged || check.state !== "sound" || newer !== undefined}
              data-testid="apply"
              onClick={() => setOpen(true)}
            >
              {t("apply.action")}
            </Button>
          </Flex>
        )}
      </Flex>
      <ApplyDialog state={state} open={isOpen} onClose={() => setOpen(false)} />
    </Flex>
  );
}

function CheckTag({ check: { state, diagnostics } }: { readonly check: DraftCheck }): ReactNode {
  const { t } = useTranslation("routes");
  const tone = { checking: "busy", sound: "good", unsound: "bad", failed: "unknown" } as const;
  return (
    <span role="status" data-testid="check" data-state={state}>
      <StatusTag tone={tone[state]}>{t(`check.${state}`, { count: diagnostics.length })}</StatusTag>
    </span>
  );
}

function useDiscard({ base, newer, restart }: RuleDraft): () => Promise<void> {
  const { t } = useTranslation("routes");
  const confirm = useConfirm();
  return async () => {
    const sure = await confirm({
      title: t("apply.discardTitle"),
      text: t("apply.discardText"),
      confirmLabel: t("apply.discard"),
      danger: true,
    });
    if (sure) restart(newer ?? base);
  };
}

/** The second of two people is told before anything of the first one's is overwritten. */
function NewerNotice({ state }: { readonly state: RuleDraft }): ReactNode {
  const { t } = useTranslation("routes");
  const { relativeTime } = useFormat();
  const discard = useDiscard(state);
  const { newer, base } = state;
  if (newer === undefined) return null;
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      data-testid="newer"
      title={t("newer.title", {
        version: newer.version,
        who: newer.author ?? "",
        when: newer.activatedAtMs === undefined ? "" : relativeTime(newer.activatedAtMs),
      })}
      description={
        <Flex vertical gap="small">
          <span>{t("newer.text", { reason: newer.reason ?? "", base: base.version })}</span>
          <RuleDifferenceView difference={differenceOf(base.rules, newer.rules)} />
        </Flex>
      }
      action={
        <Button size="small" onClick={() => void discard()}>
          {t("newer.restart")}
        </Button>
      }
    />
  );
}

function ApplyDialog({
  state: { base, rules },
  open,
  onClose,
}: {
  readonly state: RuleDraft;
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("routes");
  const client = useQueryClient();
  const apply = async (by: ChangedBy): Promise<void> => {
    try {
      await applyRules(rules, base.version, by);
    } finally {
      // Refused, too: then other rules are in force than those the page shows.
      await client.invalidateQueries({ queryKey: rulesKey });
      void client.invalidateQueries({ queryKey: historyKey });
    }
  };
  return (
    <ReasonDialog
      open={open}
      title={t("apply.title", { version: base.version + 1 })}
      description={open ? <RuleDifferenceView difference={differenceOf(base.rules, rules)} /> : null}
      confirmLabel={t("apply.action")}
      onConfirm={apply}
      onClose={onClose}
    />
  );
}
