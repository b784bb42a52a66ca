/** The nodes of a drawing: a stage with its atoms and barriers, a wait, an end, a person who has to decide. */
import {
  ClockCircleOutlined,
  DatabaseOutlined,
  FunctionOutlined,
  GlobalOutlined,
  QuestionOutlined,
  StopOutlined,
  UserOutlined,
} from "@ant-design/icons";
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Effect, GraphNode, GraphStep } from "../../../api/flows";
import { useFormat } from "../../../shared/useFormat";

export interface Drawn extends Record<string, unknown> {
  readonly node: GraphNode;
  readonly isStart: boolean;
  readonly standing: readonly { readonly state: string; readonly count: number }[];
}
export type DrawnNode = Node<Drawn>;

const effectIcons: Readonly<Record<Effect, ReactNode>> = {
  pure: <FunctionOutlined aria-hidden />,
  store: <DatabaseOutlined aria-hidden />,
  external: <GlobalOutlined aria-hidden />,
};

export function StageNode({ data: { node, isStart, standing } }: NodeProps<DrawnNode>): ReactNode {
  return (
    <div
      className={`v-node v-node-${node.kind}${isStart ? " v-node-start" : ""}`}
      data-testid={`node-${node.id}`}
    >
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <Body node={node} />
      {standing.length === 0 ? null : <Standing standing={standing} />}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

function Body({ node }: { readonly node: GraphNode }): ReactNode {
  const { t } = useTranslation("flows");
  if (node.kind === "end")
    return (
      <>
        <StopOutlined aria-hidden /> {t("graph.end", { state: node.state })}
      </>
    );
  if (node.kind === "park")
    return (
      <>
        <UserOutlined aria-hidden /> {t("graph.park", { reason: node.reason })}
      </>
    );
  if (node.kind === "wait") return <Wait node={node} />;
  return (
    <>
      <Head name={node.stage} entriesMax={node.entriesMax} detail={`${node.transaction} · ${node.queue}`} />
      <ol className="v-steps">
        {node.steps.map((step, index) => (
          <Step key={`${index} ${step.atom}`} step={step} />
        ))}
      </ol>
    </>
  );
}

function Head({
  name,
  detail,
  entriesMax,
}: {
  readonly name: string;
  readonly detail: string;
  readonly entriesMax: number | undefined;
}): ReactNode {
  const { t } = useTranslation("flows");
  return (
    <div className="v-node-head">
      <strong>{name}</strong>
      {entriesMax === undefined ? null : <span title={t("graph.bound")}> ≤{entriesMax}×</span>}
      <div className="v-node-detail" title={detail}>
        {detail}
      </div>
    </div>
  );
}

function Wait({ node }: { readonly node: Extract<GraphNode, { readonly kind: "wait" }> }): ReactNode {
  const format = useFormat();
  const times = node.timeoutsMs.map((timeoutMs) => format.duration(timeoutMs)).join(", ");
  return (
    <>
      <Head name={node.stage} entriesMax={node.entriesMax} detail={node.wait} />
      <div className="v-node-detail" title={times}>
        <ClockCircleOutlined aria-hidden /> {node.timeoutField ? `${node.timeoutField} / ` : ""}
        {times}
      </div>
    </>
  );
}

function Step({ step }: { readonly step: GraphStep }): ReactNode {
  const { t } = useTranslation("flows");
  const effect = step.effect ? t(`graph.effect.${step.effect}`) : t("graph.effect.unknown");
  const says = [
    step.title,
    effect,
    ...(step.when ? [t("graph.when", { when: step.when })] : []),
    ...(step.always ? [t("graph.always")] : []),
  ].join(" · ");
  return (
    <>
      {step.barrier ? (
        <li className="v-barrier" title={t(step.intent ? "graph.intent" : "graph.barrier")}>
          <span>{t(step.intent ? "graph.intentShort" : "graph.barrierShort")}</span>
        </li>
      ) : null}
      <Tooltip title={says}>
        <li className="v-step" aria-label={`${step.atom}: ${says}`}>
          {step.effect ? effectIcons[step.effect] : <QuestionOutlined aria-hidden />} {step.atom}
          {step.when ? <em> ?</em> : null}
          {step.always ? <em> !</em> : null}
        </li>
      </Tooltip>
    </>
  );
}

function Standing({ standing }: Pick<Drawn, "standing">): ReactNode {
  const { t } = useTranslation("flows");
  const format = useFormat();
  return (
    <div className="v-standing">
      {standing.map(({ state, count }) => (
        <span key={state} data-state={state}>
          {t(`graph.standing.${state}`, { amount: format.count(count) })}
        </span>
      ))}
    </div>
  );
}
