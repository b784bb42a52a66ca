/** The definitions as text: edited, checked while one types, compared and tried before they are put in force. */
import { CheckCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { type Definitions, type Diagnostic, fetchDefinitions } from "../../../api/flows";
import { useRight } from "../../../session";
import { PageHeader } from "../../../shared/PageHeader";
import { QueryState } from "../../../shared/QueryState";
import { useConfirm } from "../../../shared/useConfirm";
import { ReviewDrawer } from "../activate/ReviewDrawer";
import { changedPaths, type Draft, draftOf, useDraft } from "../draft";
import { flowKeys } from "../keys";
import { CheckState, Diagnostics } from "./Diagnostics";
import { FileEditor } from "./FileEditor";
import { FileList } from "./FileList";
import { NewerNotice } from "./NewerNotice";
import { useCheck } from "./useCheck";
import "./edit.css";

export function EditorView(): ReactNode {
  const definitions = useQuery({
    queryKey: flowKeys.definitions,
    queryFn: ({ signal }) => fetchDefinitions(signal),
    refetchInterval: 5_000,
  });
  return <QueryState query={definitions}>{(inForce) => <Editor inForce={inForce} />}</QueryState>;
}

function Editor({ inForce }: { readonly inForce: Definitions }): ReactNode {
  const { t } = useTranslation("flows");
  const { draft: kept, keep } = useDraft();
  const [began] = useState(() => draftOf(inForce));
  // Who has changed nothing sees what is in force; who has begun goes on with what he began with.
  const draft = kept ?? (began.base.version === inForce.version ? began : draftOf(inForce));
  const [search, setSearch] = useSearchParams();
  const mayChange = useRight("flows.change");
  const check = useCheck(draft.files);
  const [goTo, setGoTo] = useState<{ readonly pointer: string }>();
  const path = search.get("file") ?? draft.files[0]?.path ?? "types.json";
  const open = (file: string, more: Record<string, string> = {}): void =>
    setSearch({ file, ...more }, { replace: true });
  const show = ({ file, pointer }: Diagnostic): void => {
    open(file);
    setGoTo({ pointer });
  };
  const diagnostics = check.last?.ok === false ? check.last.diagnostics : [];
  const changed = changedPaths(draft);
  return (
    <Flex vertical gap="small">
      <PageHeader
        title={t("edit.pageTitle")}
        subtitle={t("edit.base", { version: draft.base.version, count: changed.length })}
        actions={
          <>
            <Link to="/flows">{t("toList")}</Link>
            <GiveUp draft={draft} onGivenUp={() => keep(undefined)} />
            <Button
              type="primary"
              icon={<CheckCircleOutlined />}
              disabled={changed.length === 0 || check.state !== "checked" || !check.last.ok}
              onClick={() => open(path, { review: "1" })}
              data-testid="review"
            >
              {t("edit.review")}
            </Button>
          </>
        }
      />
      <NewerNotice draft={draft} inForce={inForce} onRestart={() => keep(undefined)} />
      <CheckState check={check} />
      <div className="v-edit">
        <FileList
          draft={draft}
          diagnostics={diagnostics}
          selected={path}
          readOnly={!mayChange}
          onOpen={open}
          onChange={keep}
        />
        <FileEditor
          draft={draft}
          path={path}
          diagnostics={diagnostics}
          goTo={goTo}
          readOnly={!mayChange}
          onChange={keep}
        />
      </div>
      <Diagnostics diagnostics={diagnostics} onShow={show} />
      <ReviewDrawer
        open={search.get("review") === "1" && changed.length > 0}
        draft={draft}
        onClose={() => open(path)}
        onApplied={() => keep(undefined)}
      />
    </Flex>
  );
}

function GiveUp({ draft, onGivenUp }: { readonly draft: Draft; readonly onGivenUp: () => void }): ReactNode {
  const { t } = useTranslation("flows");
  const confirm = useConfirm();
  if (changedPaths(draft).length === 0) return null;
  const ask = async (): Promise<void> => {
    const question = {
      title: t("edit.giveUpTitle"),
      text: t("edit.giveUpText"),
      confirmLabel: t("edit.giveUp"),
      danger: true,
    };
    if (await confirm(question)) onGivenUp();
  };
  return (
    <Button onClick={() => void ask()} data-testid="give-up">
      {t("edit.giveUp")}
    </Button>
  );
}
