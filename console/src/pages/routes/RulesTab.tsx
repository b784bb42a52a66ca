/** The rules as a draft: cards in the order in which they are asked, what is wrong with them, trial and apply. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Col, Flex, Row } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { RouteSet, RouteVocabulary } from "../../api/routes";
import { useRight } from "../../session";
import { ProblemState } from "../../shared/ProblemState";
import { ApplyBar } from "./ApplyBar";
import { newRule } from "./draft";
import { Problems } from "./Problems";
import { RuleCard } from "./RuleCard";
import type { RuleContext } from "./ruleContext";
import { TrialPanel } from "./TrialPanel";
import { diagnosticsAt, useDraftCheck, useRuleDraft } from "./useRules";

export function RulesTab({
  inForce,
  vocabulary,
}: {
  readonly inForce: RouteSet;
  readonly vocabulary: RouteVocabulary;
}): ReactNode {
  const { t } = useTranslation("routes");
  const mayChange = useRight("routes.change");
  const state = useRuleDraft(inForce);
  const check = useDraftCheck(state.rules);
  const { draft, change } = state;
  const context = useMemo(
    (): RuleContext => ({
      fields: vocabulary.fields,
      words: [...vocabulary.fields, ...vocabulary.facts],
      channels: vocabulary.facts.find(({ name }) => name === "channel.name")?.values ?? [],
      diagnostics: check.diagnostics,
      readOnly: !mayChange,
    }),
    [vocabulary, check.diagnostics, mayChange],
  );
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} xl={14}>
        <Flex vertical gap="small">
          <ApplyBar state={state} check={check} readOnly={!mayChange} />
          {check.state === "failed" ? <ProblemState error={check.error} /> : null}
          <Problems diagnostics={diagnosticsAt(check.diagnostics, "")} />
          {draft.map((rule, index) => (
            <RuleCard
              key={rule.key}
              rule={rule}
              index={index}
              draft={draft}
              onChange={change}
              context={context}
            />
          ))}
          {mayChange ? (
            <Button
              icon={<PlusOutlined aria-hidden />}
              data-testid="add-rule"
              onClick={() => change([...draft, newRule(t("rule.newName", { number: draft.length + 1 }))])}
            >
              {t("rule.add")}
            </Button>
          ) : null}
        </Flex>
      </Col>
      <Col xs={24} xl={10}>
        <TrialPanel rules={state.rules} isSound={check.state === "sound"} isChanged={state.isChanged} />
      </Col>
    </Row>
  );
}
