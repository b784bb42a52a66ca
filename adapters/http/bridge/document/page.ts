/** The OpenAPI document as one HTML page: no script, nothing from elsewhere, so that the strictest policy suits it. */
import { createHash } from "node:crypto";
import { errorTable, type ErrorEntry } from "../../../../engine/errors.js";
import type { OpenApiDocument, Operation } from "./openapi.js";
import type { DocumentSchema } from "./schemas.js";

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2330; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1rem; }
th, td { border-bottom: 1px solid #d5dae3; padding: 0.3rem 0.5rem; text-align: left; vertical-align: top; }
details { border: 1px solid #d5dae3; border-radius: 4px; margin: 0.5rem 0; padding: 0.5rem 1rem; }
summary { cursor: pointer; }
.method { text-transform: uppercase; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { background: #14181f; color: #dde3ee; } }
`;

/** The page's own policy: this style and nothing else. */
export const pagePolicy =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escape = (text: unknown): string =>
  String(text).replace(/[&<>"']/g, (character) => escapes[character] ?? "");

/** Escaped text in which `code` is marked up. */
const prose = (text: unknown): string => escape(text).replace(/`([^`]*)`/g, "<code>$1</code>");

export function page(document: OpenApiDocument): string {
  const { info, components, paths } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationHtml(method, path, operation)),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)}</title><style>${style}</style></head><body>
<h1>${escape(info.title)}</h1>
<p>${prose(info.description)} Definitions version ${escape(info.version)}; the same as <a href="/openapi.json">openapi.json</a>.</p>
<h2>Authentication</h2>
${Object.values(components.securitySchemes)
  .map((scheme) => `<p><code>${escape(scheme["scheme"])}</code></p>`)
  .join("\n")}
<p>${prose(components.securitySchemes["hmac"]?.["description"] ?? "")}</p>
<h2>Operations</h2>
${operations.join("\n")}
<h2>Order</h2>
${fieldsHtml(components.schemas["Order"] ?? {})}
<h2>Refund</h2>
${fieldsHtml(components.schemas["Refund"] ?? {})}
<h2>Errors</h2>
${errorsHtml(components.schemas["Problem"] ?? {})}
</body></html>
`;
}

function operationHtml(method: string, path: string, operation: Operation): string {
  const media = operation.requestBody?.content["application/json"] as
    { readonly schema: DocumentSchema } | undefined;
  const responses = Object.entries(operation.responses).map(
    ([status, response]) => `<tr><td>${escape(status)}</td><td>${prose(response["description"])}</td></tr>`,
  );
  return `<details><summary><span class="method">${escape(method)}</span> <code>${escape(path)}</code> ${escape(operation.summary)}</summary>
${operation.description ? `<p>${prose(operation.description)}</p>` : ""}
${media ? fieldsHtml(media.schema) : ""}
<table><tr><th>Status</th><th>Answer</th></tr>${responses.join("")}</table></details>`;
}

function fieldsHtml(schema: DocumentSchema): string {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, DocumentSchema>>;
  const required = (schema["required"] ?? []) as readonly string[];
  const rows = Object.entries(properties).map(([name, field]) => {
    const [example] = (field["examples"] ?? []) as readonly unknown[];
    const shown = example === undefined ? "" : `<code>${escape(JSON.stringify(example))}</code>`;
    return `<tr><td><code>${escape(name)}</code>${required.includes(name) ? " *" : ""}</td><td>${escape(field["type"] ?? "object")}</td><td>${prose(field["description"] ?? "")}</td><td>${shown}</td></tr>`;
  });
  return `<table><tr><th>Field (* always)</th><th>Type</th><th>Meaning</th><th>Example</th></tr>${rows.join("")}</table>`;
}

function errorsHtml(problem: DocumentSchema): string {
  const { code } = problem["properties"] as Readonly<
    Record<string, { readonly enum: readonly (keyof typeof errorTable)[] }>
  >;
  const rows = (code?.enum ?? []).map((name) => {
    const entry: ErrorEntry = errorTable[name];
    return `<tr><td><code>${escape(name)}</code></td><td>${entry.status ?? ""}</td><td>${escape(entry.title)}</td></tr>`;
  });
  return `<table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>${rows.join("")}</table>`;
}
