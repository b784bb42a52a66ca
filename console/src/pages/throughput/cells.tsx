import { Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Latency, Part } from "../../api/throughput";
import { useFormat } from "../../shared/useFormat";
import { outcomeName } from "./charts";

const small = { whiteSpace: "nowrap", fontSize: "0.85em" } as const;
const percentiles = "p50 / p95 / p99";

/** The title of a column of latencies, which says what stands below each mean. */
export function LatencyTitle({ part }: { readonly part: Part }): ReactNode {
  const { t } = useTranslation("throughput");
  return (
    <Flex vertical align="end">
      {t(`part.${part}`)}
      <Typography.Text type="secondary" style={small}>
        {percentiles}
      </Typography.Text>
    </Flex>
  );
}

/** Mean, with the percentiles below it. */
export function LatencyCell({ latency }: { readonly latency: Latency | undefined }): ReactNode {
  const { duration } = useFormat();
  if (!latency) return "–";
  const { meanMs, p50Ms, p95Ms, p99Ms } = latency;
  return (
    <Flex vertical align="end">
      <span>{duration(meanMs)}</span>
      <Typography.Text type="secondary" style={small}>
        {[p50Ms, p95Ms, p99Ms].map(duration).join(" / ")}
      </Typography.Text>
    </Flex>
  );
}

/** Outcomes shown by name; the others are counted together. */
const namedMax = 4;

/** The most frequent first, with their shares. */
export function OutcomesCell({
  outcomes,
}: {
  readonly outcomes: Readonly<Record<string, number>>;
}): ReactNode {
  const { t } = useTranslation("throughput");
  const { percent } = useFormat();
  const sorted = Object.entries(outcomes).sort(([, a], [, b]) => b - a);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return "–";
  const others = sorted.length - namedMax;
  return (
    <span>
      {sorted
        .slice(0, namedMax)
        .map(([outcome, count]) => `${outcomeName(outcome)} ${percent(count / total)}`)
        .join(" · ")}
      {others > 0 ? ` · ${t("others", { count: others })}` : null}
    </span>
  );
}
