/** Routing rules: edited with checks as one types, tried on orders before they take effect, applied, taken back. */
import { useQuery } from "@tanstack/react-query";
import { Tabs } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { routeVocabulary, type RouteVocabulary, rulesInForce, type RouteSet } from "../../api/routes";
import { PageHeader } from "../../shared/PageHeader";
import { QueryState } from "../../shared/QueryState";
import { HistoryTab } from "./HistoryTab";
import { RulesTab } from "./RulesTab";
import { rulesKey, vocabularyKey } from "./useRules";

/** Whether somebody else has put other rules in force. */
const pollMs = 4_000;
/** Channels come and go seldom. */
const wordsStaleMs = 30_000;

export function RoutesPage(): ReactNode {
  const { t } = useTranslation("routes");
  const rules = useQuery({
    queryKey: rulesKey,
    queryFn: ({ signal }) => rulesInForce(signal),
    refetchInterval: pollMs,
  });
  const words = useQuery({
    queryKey: vocabularyKey,
    queryFn: ({ signal }) => routeVocabulary(signal),
    staleTime: wordsStaleMs,
    refetchInterval: wordsStaleMs,
  });
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")} />
      <QueryState query={words}>
        {(vocabulary) => (
          <QueryState query={rules}>
            {(inForce) => <RouteTabs inForce={inForce} vocabulary={vocabulary} />}
          </QueryState>
        )}
      </QueryState>
    </>
  );
}

function RouteTabs({
  inForce,
  vocabulary,
}: {
  readonly inForce: RouteSet;
  readonly vocabulary: RouteVocabulary;
}): ReactNode {
  const { t } = useTranslation("routes");
  return (
    <Tabs
      items={[
        {
          key: "rules",
          label: t("tab.rules", { version: inForce.version }),
          children: <RulesTab inForce={inForce} vocabulary={vocabulary} />,
        },
        { key: "history", label: t("tab.history"), children: <HistoryTab inForce={inForce} /> },
      ]}
    />
  );
}
