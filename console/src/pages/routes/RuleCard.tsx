/** One rule: its name, when it holds, and the channels it proposes. */
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Flex, Input, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CelEditor } from "./cel/CelEditor";
import { type Draft, type DraftRule, moved, newTarget, replaced, without } from "./draft";
import { Problems } from "./Problems";
import type { RuleContext } from "./ruleContext";
import { TargetRow } from "./TargetRow";
import { diagnosticsAt } from "./useRules";

const nameMax = 128;

export function RuleCard({
  rule,
  index,
  draft,
  onChange,
  context,
}: {
  readonly rule: DraftRule;
  readonly index: number;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly context: RuleContext;
}): ReactNode {
  const { t } = useTranslation("routes");
  const { fields, diagnostics, readOnly } = context;
  const pointer = `/${index}`;
  const set = (change: Partial<DraftRule>): void => onChange(replaced(draft, { ...rule, ...change }));
  const own = [...diagnosticsAt(diagnostics, pointer), ...diagnosticsAt(diagnostics, `${pointer}/name`)];
  return (
    <Card
      size="small"
      role="group"
      aria-label={t("rule.of", { number: index + 1, name: rule.name })}
      data-testid={`rule-${index}`}
      title={
        <Flex gap="small" align="center">
          <Typography.Text type="secondary">{index + 1}</Typography.Text>
          <Input
            value={rule.name}
            readOnly={readOnly}
            maxLength={nameMax}
            aria-label={t("rule.name")}
            status={own.length === 0 ? "" : "error"}
            data-testid="rule-name"
            onChange={({ target }) => set({ name: target.value })}
          />
        </Flex>
      }
      extra={readOnly ? null : <RuleButtons index={index} rule={rule} draft={draft} onChange={onChange} />}
    >
      <Flex vertical gap="small">
        <Problems diagnostics={own} />
        <Typography.Text type="secondary">{t("rule.when")}</Typography.Text>
        <CelEditor
          value={rule.when}
          onChange={(when) => set({ when })}
          words={fields}
          diagnostics={diagnosticsAt(diagnostics, `${pointer}/when`)}
          label={t("rule.whenOf", { name: rule.name })}
          emptyText={t("rule.always")}
          readOnly={readOnly}
          testId="when"
        />
        <Typography.Text type="secondary">{t("rule.targets")}</Typography.Text>
        {rule.targets.map((target, at) => (
          <TargetRow
            key={target.key}
            target={target}
            pointer={`${pointer}/channels/${at}`}
            context={context}
            onChange={(next) => set({ targets: replaced(rule.targets, next) })}
            // A rule without channels says nothing.
            onRemove={
              rule.targets.length < 2 ? undefined : () => set({ targets: without(rule.targets, target.key) })
            }
          />
        ))}
        {readOnly ? null : (
          <Button
            size="small"
            type="dashed"
            icon={<PlusOutlined aria-hidden />}
            data-testid="add-target"
            onClick={() => set({ targets: [...rule.targets, newTarget()] })}
          >
            {t("target.add")}
          </Button>
        )}
      </Flex>
    </Card>
  );
}

function RuleButtons({
  index,
  rule,
  draft,
  onChange,
}: {
  readonly index: number;
  readonly rule: DraftRule;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}): ReactNode {
  const { t } = useTranslation("routes");
  return (
    <Flex>
      <Button
        type="text"
        icon={<ArrowUpOutlined />}
        disabled={index === 0}
        aria-label={t("rule.up", { name: rule.name })}
        data-testid="rule-up"
        onClick={() => onChange(moved(draft, index, -1))}
      />
      <Button
        type="text"
        icon={<ArrowDownOutlined />}
        disabled={index === draft.length - 1}
        aria-label={t("rule.down", { name: rule.name })}
        data-testid="rule-down"
        onClick={() => onChange(moved(draft, index, 1))}
      />
      <Button
        type="text"
        danger
        icon={<DeleteOutlined />}
        aria-label={t("rule.remove", { name: rule.name })}
        data-testid="rule-remove"
        onClick={() => onChange(without(draft, rule.key))}
      />
    </Flex>
  );
}
