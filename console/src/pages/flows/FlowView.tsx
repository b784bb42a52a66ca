/** One flow: drawn with live counts, what it takes and hears of, what a run costs in commits. */
import { EditOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Descriptions, Flex, Typography } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import {
  fetchCounts,
  fetchDefinitions,
  fetchDrawing,
  type FlowDrawing as Drawing,
  type RunCounts,
} from "../../api/flows";
import { PageHeader } from "../../shared/PageHeader";
import { QueryState } from "../../shared/QueryState";
import { useFormat } from "../../shared/useFormat";
import { fileOfFlow } from "./draft";
import { drawnCounts } from "./graph/counts";
import { FlowDrawing } from "./graph/FlowDrawing";
import { flowKeys, refreshMs } from "./keys";
import { TryType } from "./TryType";

export function FlowView(): ReactNode {
  const { t } = useTranslation("flows");
  const navigate = useNavigate();
  const { flow = "" } = useParams();
  const drawing = useQuery({
    queryKey: flowKeys.drawing(flow),
    queryFn: ({ signal }) => fetchDrawing(flow, signal),
    refetchInterval: refreshMs * 5,
  });
  const { data: definitions } = useQuery({
    queryKey: flowKeys.definitions,
    queryFn: ({ signal }) => fetchDefinitions(signal),
  });
  const file = fileOfFlow(definitions?.files ?? [], flow);
  return (
    <>
      <PageHeader
        title={t("flowTitle", { flow })}
        subtitle={drawing.data?.graph.title}
        actions={
          <>
            <Link to="/flows">{t("toList")}</Link>
            {drawing.data ? <TryType graph={drawing.data.graph} /> : null}
            <Button
              icon={<EditOutlined />}
              onClick={() => void navigate(`/flows/edit?file=${encodeURIComponent(file)}`)}
              data-testid="edit-flow"
            >
              {t("edit.title")}
            </Button>
          </>
        }
      />
      <QueryState query={drawing}>{(data) => <Drawn drawing={data} flow={flow} />}</QueryState>
    </>
  );
}

function Drawn({ drawing, flow }: { readonly drawing: Drawing; readonly flow: string }): ReactNode {
  const { data: counts } = useQuery({
    queryKey: flowKeys.counts(flow),
    queryFn: ({ signal }) => fetchCounts(flow, signal),
    refetchInterval: refreshMs,
  });
  const drawn = useMemo(() => counts && drawnCounts(counts), [counts]);
  return (
    <Flex vertical gap="small">
      <Counted counts={counts} />
      <FlowDrawing graph={drawing.graph} counts={drawn} />
      <Facts drawing={drawing} />
    </Flex>
  );
}

function Counted({ counts }: { readonly counts: RunCounts | undefined }): ReactNode {
  const { t } = useTranslation("flows");
  const format = useFormat();
  if (!counts) return null;
  const text =
    counts.runs === 0
      ? t("graph.noRuns")
      : t("graph.counted", {
          count: counts.runs,
          amount: format.count(counts.runs),
          from: format.dateTime(counts.fromMs),
          to: format.time(counts.toMs),
        });
  return (
    <Typography.Text type="secondary" data-testid="counted" data-runs={counts.runs}>
      {text}
    </Typography.Text>
  );
}

function Facts({ drawing: { graph, summary } }: { readonly drawing: Drawing }): ReactNode {
  const { t } = useTranslation("flows");
  const listed = (names: readonly string[]): string =>
    names.length === 0 ? t("facts.none") : names.join(", ");
  return (
    <Descriptions
      size="small"
      bordered
      column={1}
      items={[
        { key: "input", label: t("facts.input"), children: listed(graph.input) },
        { key: "optional", label: t("facts.optional"), children: listed(graph.optional) },
        { key: "subscribe", label: t("facts.subscribe"), children: listed(graph.subscribe) },
        {
          key: "commits",
          label: t("facts.commits"),
          children: summary.ends.map(({ end, path, commits }) => (
            <div key={end}>
              {t("facts.end", { end, count: commits })}{" "}
              <Typography.Text type="secondary">{path.join(" → ")}</Typography.Text>
            </div>
          )),
        },
        { key: "hash", label: t("facts.hash"), children: <code>{graph.hash.slice(0, 16)}</code> },
      ]}
    />
  );
}
