/** What holds payments up now, in one sentence. */
import { Alert } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Bottleneck } from "../../api/throughput";
import { useFormat } from "../../shared/useFormat";

export function BottleneckLine({ bottleneck }: { readonly bottleneck: Bottleneck }): ReactNode {
  const { t, i18n } = useTranslation("throughput");
  const { count, duration, percent } = useFormat();
  const { cause, name, share, figures, because, kind } = bottleneck;
  const shown = Object.fromEntries(
    Object.entries(figures).map(([figure, value]) => [
      figure,
      figure.endsWith("Ms") ? duration(value) : count(value),
    ]),
  );
  const key = `bottleneck.${cause}`;
  return (
    <Alert
      type={kind === "none" ? "success" : "warning"}
      showIcon
      role="status"
      data-testid="bottleneck"
      data-kind={kind}
      data-name={name}
      data-cause={cause}
      // A cause that a newer server knows and this page does not is told in the server's words.
      title={i18n.exists(`throughput:${key}`) ? t(key, { name, share: percent(share), ...shown }) : because}
    />
  );
}
