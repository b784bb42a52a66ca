/** Replaying and discarding dead letters. A discard cannot be undone: the name of the queue is typed for it. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Flex, Form, Input } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type DeadLetter, discardLetters, replayLetters } from "../../api/queues";
import { type ChangedBy, ReasonDialog } from "../../shared/ReasonDialog";
import { queuesKey } from "./keys";

type Verb = "replay" | "discard";
/** What a dialog is about. `all`: of the queue, not only of the page. */
interface Wish {
  readonly verb: Verb;
  readonly all: boolean;
}

export interface LetterActionsProps {
  readonly queue: string;
  /** Those on the page. */
  readonly letters: readonly DeadLetter[];
  /** Message ids. */
  readonly chosen: readonly string[];
  /** In the queue. */
  readonly total: number;
  /** On this page and those before it: of "all" to discard, only what could be seen goes. */
  readonly seen: number;
  readonly onDone: () => void;
}

const wishes: readonly Wish[] = [
  { verb: "replay", all: false },
  { verb: "replay", all: true },
  { verb: "discard", all: false },
  { verb: "discard", all: true },
];

export function LetterActions(props: LetterActionsProps): ReactNode {
  const { t } = useTranslation("queues");
  const { letters } = props;
  const [wish, setWish] = useState<Wish>({ verb: "replay", all: false });
  const [isOpen, setOpen] = useState(false);
  return (
    <Flex gap="small" wrap>
      {wishes.map(({ verb, all }) => (
        <Button
          key={`${verb} ${all}`}
          size="small"
          danger={verb === "discard"}
          disabled={letters.length === 0 || countOf({ verb, all }, props) === 0}
          data-testid={`${verb}-${all ? "all" : "chosen"}`}
          onClick={() => {
            setWish({ verb, all });
            setOpen(true);
          }}
        >
          {t(`${verb}.${all ? "all" : "chosen"}`, { count: countOf({ verb, all }, props) })}
        </Button>
      ))}
      <LetterDialog
        {...props}
        key={`${wish.verb} ${wish.all}`}
        wish={wish}
        open={isOpen}
        onClose={() => setOpen(false)}
      />
    </Flex>
  );
}

function countOf(
  { verb, all }: Wish,
  { chosen, total, seen }: Pick<LetterActionsProps, "chosen" | "total" | "seen">,
): number {
  if (!all) return chosen.length;
  return verb === "replay" ? total : seen;
}

function LetterDialog({
  queue,
  letters,
  chosen,
  total,
  seen: visible,
  onDone,
  wish: { verb, all },
  open,
  onClose,
}: LetterActionsProps & {
  readonly wish: Wish;
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation("queues");
  const { message } = App.useApp();
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const act = async (by: ChangedBy): Promise<void> => {
    const ids = all ? undefined : chosen;
    // Only what the person could see dies: later letters were not looked at.
    const seen = { confirm: typed, diedUntilMs: Math.max(0, ...letters.map(({ diedAtMs }) => diedAtMs)) };
    const count =
      verb === "replay"
        ? (await replayLetters(queue, ids, by)).replayed
        : (await discardLetters(queue, ids === undefined ? seen : { messageIds: ids }, by)).discarded;
    void message.success(t(`${verb}.done`, { count }));
    onDone();
    await client.invalidateQueries({ queryKey: queuesKey });
  };
  const count = countOf({ verb, all }, { chosen, total, seen: visible });
  return (
    <ReasonDialog
      open={open}
      title={t(`${verb}.title`, { count, queue })}
      description={t(`${verb}.text`)}
      confirmLabel={t(`${verb}.action`)}
      danger={verb === "discard"}
      ready={verb === "replay" || typed === queue}
      onConfirm={act}
      onClose={() => {
        setTyped("");
        onClose();
      }}
    >
      {verb === "replay" ? null : (
        <Form layout="vertical" component="div">
          <Form.Item label={t("discard.type", { queue })}>
            <Input
              value={typed}
              autoComplete="off"
              spellCheck={false}
              data-testid="typed"
              onChange={({ target }) => setTyped(target.value)}
            />
          </Form.Item>
        </Form>
      )}
    </ReasonDialog>
  );
}
