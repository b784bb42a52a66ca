/** A state as icon, colour and word: it can be read without seeing the colour, and heard without the icon. */
import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  CloseCircleOutlined,
  ExclamationCircleOutlined,
  MinusCircleOutlined,
  QuestionCircleOutlined,
  SyncOutlined,
} from "@ant-design/icons";
import { Tag } from "antd";
import type { ReactNode } from "react";

/** How a state should make an operator feel, whatever it is called. */
export type Tone = "good" | "busy" | "waiting" | "attention" | "bad" | "unknown" | "off";

const looks: Readonly<Record<Tone, readonly [color: string, icon: ReactNode]>> = {
  good: ["success", <CheckCircleOutlined key="good" aria-hidden />],
  busy: ["processing", <SyncOutlined key="busy" aria-hidden />],
  waiting: ["default", <ClockCircleOutlined key="waiting" aria-hidden />],
  attention: ["warning", <ExclamationCircleOutlined key="attention" aria-hidden />],
  bad: ["error", <CloseCircleOutlined key="bad" aria-hidden />],
  unknown: ["warning", <QuestionCircleOutlined key="unknown" aria-hidden />],
  off: ["default", <MinusCircleOutlined key="off" aria-hidden />],
};

export function StatusTag({
  tone,
  children,
  testId,
}: {
  readonly tone: Tone;
  /** The word. */
  readonly children: ReactNode;
  readonly testId?: string;
}): ReactNode {
  const [color, icon] = looks[tone];
  return (
    <Tag color={color} icon={icon} {...(testId === undefined ? {} : { "data-testid": testId })}>
      {children}
    </Tag>
  );
}
