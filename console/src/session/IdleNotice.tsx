/** Says that the session is about to end because nobody does anything, and lets the person stay. */
import { Modal, Typography } from "antd";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession, useSessionActions } from "./SessionProvider";

/** So long before the end the notice comes; earlier than that only where the whole time is short. */
const noticeMsMax = 60_000;
const noticeShare = 1 / 3;
/** While somebody works, the API hears of it this often, even on a page that asks for nothing. */
const touchEveryMs = 60_000;
const tickMs = 1_000;

const inputs = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

/** Milliseconds since the last input of the person, told once a second. Moving the pointer alone is no work. */
function useIdleMs(onWork: () => void): readonly [idleMs: number, restart: () => void] {
  const last = useRef({ inputAtMs: Date.now(), toldAtMs: Date.now() });
  const [idleMs, setIdleMs] = useState(0);
  useEffect(() => {
    const note = (): void => {
      last.current.inputAtMs = Date.now();
    };
    for (const name of inputs) window.addEventListener(name, note, { passive: true, capture: true });
    const timer = setInterval(() => {
      const now = Date.now();
      const idle = now - last.current.inputAtMs;
      setIdleMs(idle);
      if (idle >= tickMs * 2 || now - last.current.toldAtMs < touchEveryMs) return;
      last.current.toldAtMs = now;
      onWork();
    }, tickMs);
    return () => {
      clearInterval(timer);
      for (const name of inputs) window.removeEventListener(name, note, { capture: true });
    };
  }, [onWork]);
  const restart = useCallback(() => {
    last.current = { inputAtMs: Date.now(), toldAtMs: Date.now() };
    setIdleMs(0);
  }, []);
  return [idleMs, restart];
}

export function IdleNotice(): ReactNode {
  const { idleMsMax } = useSession();
  const { refresh } = useSessionActions();
  const { t } = useTranslation("shell");
  const touch = useCallback(() => void refresh(), [refresh]);
  const [idleMs, restart] = useIdleMs(touch);
  const leftMs = idleMsMax - idleMs;
  const over = leftMs <= 0;
  // Another tab may have kept the session: the API says whether it is over. If it is, this is gone with the page.
  useEffect(() => {
    if (over) void refresh().then(restart);
  }, [over, refresh, restart]);
  const stay = (): void => {
    restart();
    touch();
  };
  return (
    <Modal
      open={leftMs <= Math.min(noticeMsMax, idleMsMax * noticeShare)}
      title={t("idle.title")}
      okText={t("idle.stay")}
      onOk={stay}
      onCancel={stay}
      cancelButtonProps={{ hidden: true }}
      wrapProps={{ "data-testid": "idle-notice" }}
    >
      <Typography.Text role="timer">
        {t("idle.text", { seconds: Math.max(0, Math.ceil(leftMs / 1000)) })}
      </Typography.Text>
    </Modal>
  );
}
