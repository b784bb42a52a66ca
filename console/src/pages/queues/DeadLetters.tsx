/** The dead letters of a queue, page by page: chosen, replayed, discarded. */
import { useQuery } from "@tanstack/react-query";
import { Button, Flex, Table } from "antd";
import type { ColumnsType } from "antd/es/table";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type DeadLetter, deadLetters } from "../../api/queues";
import { useRight } from "../../session";
import { EmptyState } from "../../shared/EmptyState";
import { QueryState } from "../../shared/QueryState";
import { useFormat } from "../../shared/useFormat";
import { lettersKey } from "./keys";
import { LetterActions } from "./LetterActions";
import { LetterDrawer } from "./LetterDrawer";

const pageSize = 50;
const pollMs = 5_000;
/** A reason may be an error of several lines; the whole of it stands in the letter's drawer. */
const reasonWidthPx = 320;

export function DeadLetters({ queue, total }: { readonly queue: string; readonly total: number }): ReactNode {
  const { t } = useTranslation("queues");
  const mayAct = useRight("queues.act");
  // Cursors of the pages so far: the way back is the one that was taken.
  const [path, setPath] = useState<readonly string[]>([""]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState("");
  const columns = useColumns(setOpened);
  const after = path.at(-1) ?? "";
  const query = useQuery({
    queryKey: lettersKey(queue, after),
    queryFn: ({ signal }) => deadLetters(queue, after === "" ? undefined : after, pageSize, signal),
    refetchInterval: pollMs,
  });
  const turnTo = (next: readonly string[]): void => {
    setPath(next);
    setChosen([]);
  };
  return (
    <QueryState query={query}>
      {({ deadLetters: letters, next }) => {
        const ids = new Set(letters.map(({ messageId }) => messageId));
        // What was replayed or discarded meanwhile, here or by somebody else, is no longer chosen.
        const present = chosen.filter((id) => ids.has(id));
        return (
          <Flex vertical gap="small">
            {mayAct ? (
              <LetterActions
                queue={queue}
                letters={letters}
                chosen={present}
                total={Math.max(total, letters.length)}
                seen={(path.length - 1) * pageSize + letters.length}
                onDone={() => turnTo([""])}
              />
            ) : null}
            <Table<DeadLetter>
              size="small"
              rowKey="messageId"
              columns={columns}
              dataSource={letters}
              pagination={false}
              scroll={{ x: "max-content" }}
              data-testid="dead-letters"
              locale={{ emptyText: <EmptyState text={t("dead.none")} /> }}
              {...(mayAct
                ? {
                    rowSelection: {
                      selectedRowKeys: [...present],
                      onChange: (keys) => setChosen(keys.map(String)),
                    },
                  }
                : {})}
            />
            <Flex gap="small" justify="end">
              <Button size="small" disabled={path.length < 2} onClick={() => turnTo(path.slice(0, -1))}>
                {t("dead.previous")}
              </Button>
              <Button
                size="small"
                disabled={next === undefined}
                data-testid="next-page"
                onClick={() => next !== undefined && turnTo([...path, next])}
              >
                {t("dead.next")}
              </Button>
            </Flex>
            <LetterDrawer queue={queue} messageId={opened} onClose={() => setOpened("")} />
          </Flex>
        );
      }}
    </QueryState>
  );
}

function useColumns(onOpen: (messageId: string) => void): ColumnsType<DeadLetter> {
  const { t } = useTranslation("queues");
  const { dateTime } = useFormat();
  return useMemo(
    () => [
      {
        title: t("dead.died"),
        dataIndex: "diedAtMs",
        render: (atMs: number, { messageId }) => (
          <Button type="link" size="small" data-testid="open-letter" onClick={() => onOpen(messageId)}>
            {dateTime(atMs)}
          </Button>
        ),
      },
      {
        title: t("dead.reason"),
        dataIndex: "reason",
        ellipsis: true,
        width: reasonWidthPx,
      },
      {
        title: t("dead.stage"),
        render: (_, { flow, stage, type }) => (flow === undefined ? type : `${flow} · ${stage ?? ""}`),
      },
      { title: t("messages.deliveries"), dataIndex: "deliveries", align: "right" },
      { title: t("messages.run"), dataIndex: "runId", render: (id?: string) => <code>{id}</code> },
    ],
    [t, dateTime, onOpen],
  );
}
