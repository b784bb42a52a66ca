/** Flows: the list, each one drawn, the definitions edited and tried before they are put in force, their history. */
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { Route, Routes } from "react-router";
import { changedPaths, type Draft, DraftContext } from "./draft";
import { EditorView } from "./edit/EditorView";
import { FlowList } from "./FlowList";
import { FlowView } from "./FlowView";
import { HistoryView } from "./HistoryView";

export function FlowsPage(): ReactNode {
  const [draft, keep] = useState<Draft>();
  const store = useMemo(() => ({ draft, keep }), [draft]);
  const isChanged = draft !== undefined && changedPaths(draft).length > 0;
  useEffect(() => {
    if (!isChanged) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isChanged]);
  return (
    <DraftContext value={store}>
      <Routes>
        <Route index element={<FlowList />} />
        <Route path="flow/:flow" element={<FlowView />} />
        <Route path="edit" element={<EditorView />} />
        <Route path="history" element={<HistoryView />} />
      </Routes>
    </DraftContext>
  );
}
