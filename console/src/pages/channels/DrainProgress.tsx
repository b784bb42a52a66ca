/** A channel running empty: what is left, down to zero, as it happens. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Flex, Progress } from "antd";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { drainStatus, type DrainStatus } from "../../api/channels";
import { Can } from "../../session";
import { ProblemState } from "../../shared/ProblemState";
import { drainKey } from "./keys";

const pollMs = 1_000;

/** A charge in work has a payment without a result, mostly: the larger number is what is really left. */
const leftOf = ({ ready, delayed, inWork, openPayments }: DrainStatus): number =>
  Math.max(ready + delayed + inWork, openPayments);

export function DrainProgress({
  channel,
  onClose,
}: {
  readonly channel: string;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("channels");
  const { data, error } = useQuery({
    queryKey: drainKey(channel),
    queryFn: ({ signal }) => drainStatus(channel, signal),
    refetchInterval: pollMs,
  });
  // The most that was ever left is the whole of the bar: the API does not remember where it began.
  const most = useRef(0);
  if (data === undefined) return <ProblemState error={error} />;
  const left = leftOf(data);
  most.current = Math.max(most.current, left);
  const percent = data.drained ? 100 : Math.floor((1 - left / Math.max(1, most.current)) * 100);
  return (
    <Alert
      type={data.drained ? "success" : "info"}
      showIcon
      data-testid="drain"
      data-left={left}
      data-drained={data.drained}
      title={
        <span aria-live="polite">{data.drained ? t("drain.done") : t("drain.left", { count: left })}</span>
      }
      description={
        <Flex vertical gap="small">
          <Progress percent={percent} size="small" status={data.drained ? "success" : "active"} aria-hidden />
          <span>
            {t("drain.detail", {
              waiting: data.ready + data.delayed,
              inWork: data.inWork,
              open: data.openPayments,
            })}
          </span>
        </Flex>
      }
      action={
        data.drained ? (
          <Can right="channels.switch">
            <Button size="small" danger onClick={onClose} data-testid="close-drained">
              {t("action.closed")}
            </Button>
          </Can>
        ) : undefined
      }
    />
  );
}
