/** What is measured of a channel's charges, and what waits for it. */
import { Progress, Statistic } from "antd";
import type { CSSProperties, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Channel } from "../../api/channels";
import { useFormat } from "../../shared/useFormat";

/** Figures of all cards stand below each other. */
const grid: CSSProperties = {
  display: "grid",
  gridTemplateColumns: "repeat(auto-fill, minmax(88px, 1fr))",
  gap: 8,
};
/** The bar adds nothing to the height of its line. */
const bar: CSSProperties = { display: "block", margin: 0, lineHeight: 0 };

export function ChannelFigures({ channel }: { readonly channel: Channel }): ReactNode {
  const { t } = useTranslation("channels");
  const { count, duration, percent } = useFormat();
  const { calls, successRatio, p50Ms, p95Ms, inFlight, charges, followUps, bounds } = channel;
  const quiet = calls === 0;
  const none = t("figures.none");
  const of = bounds.concurrencyMax === undefined ? "" : ` / ${count(bounds.concurrencyMax)}`;
  return (
    <div style={grid} data-testid="figures">
      <Figure
        title={t("figures.success")}
        value={quiet ? none : percent(successRatio)}
        help={t("figures.calls", { count: calls })}
      />
      <Figure title={t("figures.latency")} value={quiet ? none : `${duration(p50Ms)} / ${duration(p95Ms)}`} />
      <Figure title={t("figures.inFlight")} value={`${count(inFlight)}${of}`} testId="in-flight">
        {bounds.concurrencyMax === undefined ? null : (
          <Progress
            percent={Math.min(100, (inFlight / bounds.concurrencyMax) * 100)}
            showInfo={false}
            size={["100%", 4]}
            style={bar}
            aria-hidden
          />
        )}
      </Figure>
      <Figure
        title={t("figures.waiting")}
        value={count(charges.ready + charges.delayed)}
        help={t("figures.inWork", { count: charges.inWork })}
        testId="waiting"
      />
      <Figure
        title={t("figures.followUps")}
        value={count(followUps.ready + followUps.delayed + followUps.inWork)}
        help={t("figures.followUpsHelp")}
      />
    </div>
  );
}

function Figure({
  title,
  value,
  help,
  testId,
  children,
}: {
  readonly title: string;
  readonly value: string;
  readonly help?: string;
  readonly testId?: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div title={help} {...(testId === undefined ? {} : { "data-testid": testId })}>
      <Statistic title={title} value={value} styles={{ content: { fontSize: 16 } }} />
      {children}
    </div>
  );
}
