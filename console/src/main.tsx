import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { watchActivity } from "./api/activity";
import { startTexts } from "./i18n";
import { App } from "./shell/App";
import "./shell/shell.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");

watchActivity();
await startTexts();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
