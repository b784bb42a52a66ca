import { Card, Col, Row } from "antd";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Throughput } from "../../api/throughput";
import { Chart } from "../../shared/Chart";
import { EmptyState } from "../../shared/EmptyState";
import { useFormat } from "../../shared/useFormat";
import { chartOf, latencyLines, rateLines } from "./charts";

const heightPx = 190;
/** One pointer for all three. */
const pointer = "throughput";

export function Charts({ throughput }: { readonly throughput: Throughput }): ReactNode {
  const { t } = useTranslation("throughput");
  const { rate, duration, count } = useFormat();
  const { system } = throughput;
  const charts = useMemo(
    () => [
      {
        name: "rate",
        label: t("chart.rate.label", { count: system.count, rate: rate(system.perS) }),
        lines: rateLines(throughput),
        text: rate,
      },
      {
        name: "latency",
        label: t("chart.latency.label"),
        lines: latencyLines(throughput, (part) => t(`part.${part}`)),
        text: duration,
      },
      {
        name: "depth",
        label: t("chart.depth.label"),
        lines: [
          { name: t("depth"), values: system.course.depth },
          { name: t("inFlight"), values: system.course.inFlight },
        ],
        text: count,
      },
    ],
    [throughput, system, t, rate, duration, count],
  );
  const options = useMemo(
    () => charts.map(({ lines, text }) => chartOf(throughput, lines, text)),
    [charts, throughput],
  );
  return (
    <Row gutter={[8, 8]}>
      {charts.map(({ name, label, lines }, index) => (
        <Col key={name} xs={24} lg={12} xxl={8}>
          <Card size="small" title={t(`chart.${name}.title`)}>
            {lines.length === 0 ? (
              <div style={{ minHeight: heightPx }}>
                <EmptyState text={t("nothingHappened")} />
              </div>
            ) : (
              <Chart
                option={options[index] ?? {}}
                label={label}
                heightPx={heightPx}
                group={pointer}
                testId={`chart-${name}`}
              />
            )}
          </Card>
        </Col>
      ))}
    </Row>
  );
}
