/** One queue: what waits in it and what died. */
import { Drawer, Tabs } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Queue } from "../../api/queues";
import { DeadLetters } from "./DeadLetters";
import { Messages } from "./Messages";

const widthPx = 880;

export function QueueDrawer({
  name,
  queue,
  onClose,
}: {
  /** Empty: none is open. */
  readonly name: string;
  /** undefined: it holds nothing, and no module serves it by name. */
  readonly queue: Queue | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("queues");
  const dead = queue?.dead ?? 0;
  return (
    <Drawer
      open={name !== ""}
      onClose={onClose}
      size={Math.min(widthPx, window.innerWidth)}
      title={t("drawer.title", { queue: name })}
      destroyOnHidden
      data-testid="queue"
    >
      <Tabs
        // What died is why people come here.
        defaultActiveKey={dead > 0 ? "dead" : "messages"}
        items={[
          {
            key: "messages",
            label: t("drawer.messages", {
              count: (queue?.ready ?? 0) + (queue?.leased ?? 0) + (queue?.delayed ?? 0),
            }),
            children: <Messages queue={name} />,
          },
          {
            key: "dead",
            label: t("drawer.dead", { count: dead }),
            children: <DeadLetters queue={name} total={dead} />,
          },
        ]}
      />
    </Drawer>
  );
}
