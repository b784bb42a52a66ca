import { Card, Col, Row } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Throughput } from "../../api/throughput";
import { Chart } from "../../shared/Chart";
import { EmptyState } from "../../shared/EmptyState";
import { useFormat } from "../../shared/useFormat";
import { chartOf, latencyLines, type Line, rateLines } from "./charts";

const heightPx = 180;
/** One pointer for all three. */
const pointer = "throughput";

export function Charts({ throughput }: { readonly throughput: Throughput }): ReactNode {
  const { t } = useTranslation("throughput");
  const { rate, duration, count } = useFormat();
  const { system } = throughput;
  const lines = useMemo(
    () => ({
      rate: rateLines(throughput),
      latency: latencyLines(throughput, (part) => t(`part.${part}`)),
      depth: [
        { name: t("depth"), values: throughput.system.course.depth },
        { name: t("inFlight"), values: throughput.system.course.inFlight },
      ],
    }),
    [throughput, t],
  );
  return (
    <Row gutter={[8, 8]}>
      <ChartCard
        name="rate"
        label={t("chart.rate.label", { count: system.count, rate: rate(system.perS) })}
        valueText={rate}
        {...{ throughput, lines: lines.rate }}
      />
      <ChartCard
        name="latency"
        label={t("chart.latency.label")}
        valueText={duration}
        {...{ throughput, lines: lines.latency }}
      />
      <ChartCard
        name="depth"
        label={t("chart.depth.label")}
        valueText={count}
        intervalMin={1}
        {...{ throughput, lines: lines.depth }}
      />
    </Row>
  );
}

interface ChartCardProps {
  readonly name: "rate" | "latency" | "depth";
  readonly label: string;
  readonly throughput: Throughput;
  readonly lines: readonly Line[];
  readonly valueText: (value: number) => string;
  readonly intervalMin?: number;
}

function ChartCard({ name, label, throughput, lines, valueText, intervalMin }: ChartCardProps): ReactNode {
  const { t } = useTranslation("throughput");
  const option = useMemo(
    () => chartOf(throughput, lines, valueText, intervalMin),
    [throughput, lines, valueText, intervalMin],
  );
  return (
    <Col xs={24} md={12} xl={8}>
      <Card size="small" title={t(`chart.${name}.title`)}>
        {lines.length === 0 ? (
          <div style={{ minHeight: heightPx }}>
            <EmptyState text={t("nothingHappened")} />
          </div>
        ) : (
          <Chart {...{ option, label, heightPx }} group={pointer} testId={`chart-${name}`} />
        )}
      </Card>
    </Col>
  );
}
