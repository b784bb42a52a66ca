/** How the console is built: into `dist/`, which the admin module serves, and how a developer runs it beside one. */
import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";

/** A running admin module; `npm --prefix console run dev` passes its API through, so that cookies stay same-site. */
const admin = process.env["VALENCE_ADMIN_URL"] ?? "http://127.0.0.1:8081";

/** The API sees its own origin: it refuses changes that another page sends. */
const proxy: ProxyOptions = { target: admin, headers: { origin: admin } };

/** Each big library in a chunk of its own: it is fetched with the first page that needs it, and cached across releases. */
const groups = [
  { name: "echarts", test: /node_modules[\\/](echarts|zrender)[\\/]/ },
  { name: "xyflow", test: /node_modules[\\/](@xyflow|@dagrejs|d3-[^\\/]+)[\\/]/ },
  { name: "codemirror", test: /node_modules[\\/](@codemirror|@lezer|style-mod|crelt|w3c-keyname)[\\/]/ },
  { name: "react", test: /node_modules[\\/](react|react-dom|react-router|scheduler)[\\/]/ },
];

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/admin": proxy } },
  build: {
    target: "es2022",
    // What the content security policy forbids is not produced: no inlined files, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Bytes; antd with its locale is the largest chunk.
    chunkSizeWarningLimit: 1_600,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
});
