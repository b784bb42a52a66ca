/** An order of the demo merchant for one of the flow's types; only where a demo order is what the flow takes. */
import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { fetchFlows, type FlowGraph } from "../../api/flows";
import { DemoOrderButton } from "../../demo/DemoOrderButton";
import { flowKeys } from "./keys";

export function TryType({ graph }: { readonly graph: FlowGraph }): ReactNode {
  const { t } = useTranslation("flows");
  const [chosen, setChosen] = useState<string>();
  const { data: flows = [] } = useQuery({
    queryKey: flowKeys.list,
    queryFn: ({ signal }) => fetchFlows(signal),
  });
  const types = flows.find(({ flow }) => flow === graph.flow)?.types ?? [];
  const type = chosen !== undefined && types.includes(chosen) ? chosen : types[0];
  if (type === undefined || !graph.input.includes("merchantOrderId")) return null;
  return (
    <>
      <Select
        value={type}
        onChange={setChosen}
        options={types.map((name) => ({ value: name, label: name }))}
        aria-label={t("list.types")}
        style={{ minWidth: 120 }}
        data-testid="try-type"
      />
      <DemoOrderButton type={type} />
    </>
  );
}
