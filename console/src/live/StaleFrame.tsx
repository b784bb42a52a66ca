import { Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../shared/useFormat";
import { useLiveStatus } from "./LiveProvider";

/** Around what the stream feeds: while the stream is silent, it is greyed and says of when it is. */
export function StaleFrame({ children }: { readonly children: ReactNode }): ReactNode {
  const { state, asOfMs } = useLiveStatus();
  const { t } = useTranslation("shell");
  const { time } = useFormat();
  const old = asOfMs !== undefined && state !== "live";
  return (
    <div data-testid="stale-frame" data-stale={old}>
      {old ? (
        <Typography.Text type="warning" role="status">
          {t("live.asOf", { time: time(asOfMs) })}
        </Typography.Text>
      ) : null}
      <div className={old ? "v-stale" : undefined}>{children}</div>
    </div>
  );
}
