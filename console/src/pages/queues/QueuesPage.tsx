/** Every queue: what waits, for how long, who serves it, what died. `/queues/<queue>` opens one. */
import { useQuery } from "@tanstack/react-query";
import { Flex, Switch } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { listQueues, type Queue } from "../../api/queues";
import { PageHeader } from "../../shared/PageHeader";
import { QueryState } from "../../shared/QueryState";
import { queuesKey } from "./keys";
import { QueueDrawer } from "./QueueDrawer";
import { QueueTable } from "./QueueTable";

const pollMs = 2_000;

const isEmpty = ({ ready, delayed, leased, dead }: Queue): boolean => ready + delayed + leased + dead === 0;

export function QueuesPage(): ReactNode {
  const { t } = useTranslation("queues");
  const navigate = useNavigate();
  const chosen = useParams()["*"] ?? "";
  const [withEmpty, setWithEmpty] = useState(true);
  const query = useQuery({
    queryKey: queuesKey,
    queryFn: ({ signal }) => listQueues(signal),
    refetchInterval: pollMs,
  });
  const open = (queue: string): void => void navigate(`/queues/${encodeURIComponent(queue)}`);
  return (
    <>
      <PageHeader
        title={t("title")}
        subtitle={t("subtitle")}
        actions={
          <Flex gap="small" align="center">
            <Switch size="small" checked={withEmpty} onChange={setWithEmpty} aria-label={t("withEmpty")} />
            {t("withEmpty")}
          </Flex>
        }
      />
      <QueryState query={query}>
        {(queues) => (
          <QueueTable queues={withEmpty ? queues : queues.filter((queue) => !isEmpty(queue))} onOpen={open} />
        )}
      </QueryState>
      <QueueDrawer
        name={chosen}
        queue={query.data?.find(({ queue }) => queue === chosen)}
        onClose={() => void navigate("/queues")}
      />
    </>
  );
}
