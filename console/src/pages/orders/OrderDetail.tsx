/** One order explained: what it is and why it stands there, what can be done, what happened and when. */
import { ArrowLeftOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Card, Flex } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { fetchStory, type OrderStory } from "../../api/orders";
import { JsonView } from "../../shared/JsonView";
import { PageHeader } from "../../shared/PageHeader";
import { QueryState } from "../../shared/QueryState";
import { Notifications } from "./Notifications";
import { OrderActions } from "./OrderActions";
import { OrderHead } from "./OrderHead";
import { OrderTimeline } from "./OrderTimeline";
import { Payments, Refunds } from "./Payments";
import { Runs } from "./Runs";

/** While something is under way, and when nothing is. */
const watchMs = 2_000;
const restMs = 15_000;
/** So long after somebody acted its run may not have begun. */
const beginsWithinMs = 60_000;

function isAtRest({ runs, operatorActions }: OrderStory): boolean {
  const last = operatorActions.at(-1);
  const awaited = last !== undefined && Math.abs(Date.now() - last.atMs) < beginsWithinMs;
  return !awaited && runs.length > 0 && runs.every(({ state }) => state === "ended" || state === "parked");
}

export function OrderDetail(): ReactNode {
  const { t } = useTranslation("orders");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["order", id],
    queryFn: ({ signal }) => fetchStory(id, signal),
    refetchInterval: ({ state }) => (state.data && isAtRest(state.data) ? restMs : watchMs),
  });
  const fields = query.data?.order?.fields;
  return (
    <Flex vertical gap="small">
      <PageHeader
        title={t("detail.title", { number: String(fields?.["merchantOrderId"] ?? id) })}
        subtitle={fields === undefined ? undefined : String(fields["subject"] ?? "")}
        actions={
          <Link to="/orders">
            <Button icon={<ArrowLeftOutlined />}>{t("detail.back")}</Button>
          </Link>
        }
      />
      <QueryState query={query}>{(story) => <Story story={story} />}</QueryState>
    </Flex>
  );
}

function Story({ story }: { readonly story: OrderStory }): ReactNode {
  const { t } = useTranslation("orders");
  return (
    <Flex vertical gap="small" data-testid="story">
      <OrderHead story={story} />
      <OrderActions story={story} />
      <Card size="small" title={t("section.timeline")}>
        <OrderTimeline story={story} />
      </Card>
      <Payments payments={story.payments} />
      <Refunds refunds={story.refunds} />
      <Notifications story={story} />
      <Runs story={story} />
      {story.order === undefined ? null : (
        <Card size="small" title={t("section.request")}>
          <JsonView value={story.order.fields} label={t("section.request")} />
        </Card>
      )}
    </Flex>
  );
}
