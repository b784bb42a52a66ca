/** Every queue: what waits, for how long, who serves it, what died. `/queues?queue=<name>` opens one. */
import { useQuery } from "@tanstack/react-query";
import { Flex, Switch } from "antd";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
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
  // Not in the path: names of queues have dots, and a path with one is taken for a file.
  const [parameters, setParameters] = useSearchParams();
  const chosen = parameters.get("queue") ?? "";
  const [withEmpty, setWithEmpty] = useState(true);
  const query = useQuery({
    queryKey: queuesKey,
    queryFn: ({ signal }) => listQueues(signal),
    refetchInterval: pollMs,
  });
  const open = useCallback((queue: string): void => setParameters({ queue }), [setParameters]);
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
          <>
            <QueueTable
              queues={withEmpty ? queues : queues.filter((queue) => !isEmpty(queue))}
              onOpen={open}
            />
            <QueueDrawer
              name={chosen}
              queue={queues.find(({ queue }) => queue === chosen)}
              onClose={() => setParameters({})}
            />
          </>
        )}
      </QueryState>
    </>
  );
}
