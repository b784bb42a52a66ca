/** In the header of every page: is what is shown the present? */
import { Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { StatusTag, type Tone } from "../shared/StatusTag";
import { useFormat } from "../shared/useFormat";
import { useLiveStatus } from "./LiveProvider";
import type { LiveState } from "./stream";

const tones: Readonly<Record<Exclude<LiveState, "off">, Tone>> = {
  connecting: "waiting",
  live: "good",
  stale: "attention",
  broken: "bad",
};

export function LiveBadge(): ReactNode {
  const { state, asOfMs } = useLiveStatus();
  const { t } = useTranslation("shell");
  const { time } = useFormat();
  if (state === "off") return null;
  const old = state !== "live" && asOfMs !== undefined;
  return (
    <Tooltip title={t(`live.${state}.help`)}>
      <span role="status" aria-live="polite" data-testid="live-badge" data-state={state}>
        <StatusTag tone={tones[state]}>
          {t(`live.${state}.label`)}
          {old ? ` · ${t("live.asOf", { time: time(asOfMs) })}` : null}
        </StatusTag>
      </span>
    </Tooltip>
  );
}
