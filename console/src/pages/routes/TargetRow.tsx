/** A channel a rule proposes: which one, with what share, and under which condition on the channel. */
import { DeleteOutlined } from "@ant-design/icons";
import { Button, Flex, InputNumber, Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CelEditor } from "./cel/CelEditor";
import type { DraftTarget } from "./draft";
import { Problems } from "./Problems";
import type { RuleContext } from "./ruleContext";
import { diagnosticsAt } from "./useRules";

const weightMax = 1_000_000;

export function TargetRow({
  target,
  pointer,
  context,
  onChange,
  onRemove,
}: {
  readonly target: DraftTarget;
  /** Of the target in the list of rules. */
  readonly pointer: string;
  readonly context: RuleContext;
  readonly onChange: (target: DraftTarget) => void;
  /** undefined: it is the last one. */
  readonly onRemove: (() => void) | undefined;
}): ReactNode {
  const { t } = useTranslation("routes");
  const { channels, words, diagnostics, readOnly } = context;
  const own = [pointer, `${pointer}/channel`, `${pointer}/weight`].flatMap((at) =>
    diagnosticsAt(diagnostics, at),
  );
  const names = [...new Set([...channels, ...(target.channel === "*" ? [] : [target.channel])])];
  return (
    <Flex gap="small" wrap align="start" data-testid="target">
      <Select
        value={target.channel}
        disabled={readOnly}
        options={[
          { value: "*", label: t("target.all") },
          ...names.map((name) => ({ value: name, label: name })),
        ]}
        aria-label={t("target.channel")}
        status={own.length === 0 ? "" : "error"}
        style={{ minWidth: 150 }}
        data-testid="target-channel"
        onChange={(channel: string) => onChange({ ...target, channel })}
      />
      <InputNumber
        value={target.weight}
        disabled={readOnly}
        min={0}
        max={weightMax}
        placeholder={t("target.weightOwn")}
        aria-label={t("target.weight")}
        style={{ width: 110 }}
        data-testid="target-weight"
        onChange={(weight) => onChange({ ...target, weight })}
      />
      <div style={{ flex: "1 1 220px", minWidth: 0 }}>
        <CelEditor
          value={target.where}
          onChange={(where) => onChange({ ...target, where })}
          words={words}
          diagnostics={diagnosticsAt(diagnostics, `${pointer}/where`)}
          label={t("target.whereOf", { channel: target.channel })}
          emptyText={t("target.anyway")}
          readOnly={readOnly}
          testId="where"
        />
        <Problems diagnostics={own} />
      </div>
      {readOnly || onRemove === undefined ? null : (
        <Button
          type="text"
          danger
          icon={<DeleteOutlined />}
          aria-label={t("target.remove", { channel: target.channel })}
          data-testid="target-remove"
          onClick={onRemove}
        />
      )}
    </Flex>
  );
}
