/** The files of the draft, with what has been changed and what is wrong; one can be added or removed. */
import { DeleteOutlined, FileAddOutlined } from "@ant-design/icons";
import { Badge, Button, Flex, Input, Tag } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Diagnostic } from "../../../api/flows";
import { changedPaths, type Draft, withoutFile, withText } from "../draft";

const pathPattern = /^(?:[a-z][\w.-]*\.flow\.json|transactions\/[a-z][\w.-]*\.json)$/;

export interface FileListProps {
  readonly draft: Draft;
  readonly diagnostics: readonly Diagnostic[];
  readonly selected: string;
  readonly readOnly: boolean;
  readonly onOpen: (path: string) => void;
  readonly onChange: (draft: Draft) => void;
}

export function FileList(props: FileListProps): ReactNode {
  const { draft, diagnostics, selected, readOnly, onOpen, onChange } = props;
  const { t } = useTranslation("flows");
  const changed = changedPaths(draft);
  const paths = [...new Set([...draft.files.map(({ path }) => path), ...changed])].sort();
  return (
    <nav aria-label={t("edit.files")} className="v-files">
      <ul>
        {paths.map((path) => (
          <FileLine
            key={path}
            path={path}
            isSelected={path === selected}
            isChanged={changed.includes(path)}
            isGone={!draft.files.some((file) => file.path === path)}
            wrong={diagnostics.filter(({ file }) => file === path).length}
            onOpen={onOpen}
          />
        ))}
      </ul>
      {readOnly ? null : (
        <Flex vertical gap="small">
          <NewFile draft={draft} onChange={onChange} onOpen={onOpen} />
          {selected === "types.json" ? null : (
            <Button
              size="small"
              icon={<DeleteOutlined />}
              onClick={() => onChange(withoutFile(draft, selected))}
              data-testid="remove-file"
            >
              {t("edit.removeFile")}
            </Button>
          )}
        </Flex>
      )}
    </nav>
  );
}

interface FileLineProps {
  readonly path: string;
  readonly isSelected: boolean;
  readonly isChanged: boolean;
  readonly isGone: boolean;
  readonly wrong: number;
  readonly onOpen: (path: string) => void;
}

function FileLine({ path, isSelected, isChanged, isGone, wrong, onOpen }: FileLineProps): ReactNode {
  const { t } = useTranslation("flows");
  return (
    <li>
      <Button
        type={isSelected ? "primary" : "text"}
        ghost={isSelected}
        size="small"
        aria-current={isSelected ? "true" : undefined}
        onClick={() => onOpen(path)}
        data-testid={`file-${path}`}
      >
        {path}
      </Button>
      {isGone ? (
        <Tag>{t("edit.removed")}</Tag>
      ) : isChanged ? (
        <Tag color="processing">{t("edit.changed")}</Tag>
      ) : null}
      {wrong === 0 ? null : <Badge count={wrong} size="small" title={t("edit.mistakes", { count: wrong })} />}
    </li>
  );
}

function NewFile({
  draft,
  onChange,
  onOpen,
}: Pick<FileListProps, "draft" | "onChange" | "onOpen">): ReactNode {
  const { t } = useTranslation("flows");
  const [path, setPath] = useState("");
  const fits = pathPattern.test(path) && !draft.files.some((file) => file.path === path);
  const add = (): void => {
    if (!fits) return;
    onChange(withText(draft, path, "{\n}\n"));
    onOpen(path);
    setPath("");
  };
  return (
    <Flex gap={4}>
      <Input
        size="small"
        value={path}
        onChange={({ target }) => setPath(target.value)}
        onPressEnter={add}
        placeholder="transactions/….json"
        aria-label={t("edit.newFile")}
        status={path === "" || fits ? "" : "error"}
        data-testid="new-file"
      />
      <Button
        size="small"
        icon={<FileAddOutlined />}
        aria-label={t("edit.addFile")}
        disabled={!fits}
        onClick={add}
      />
    </Flex>
  );
}
