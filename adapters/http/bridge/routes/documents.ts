/** `/openapi.json` and `/docs`, made at the first request after a change of the definitions. */
import type { FastifyInstance } from "fastify";
import type { Answer } from "../../answer.js";
import type { BridgeDeps } from "../deps.js";
import { openApi } from "../document/openapi.js";
import { page, pagePolicy } from "../document/page.js";
import { resource } from "../../server.js";

interface Rendered {
  readonly version: number;
  readonly openapi: Answer;
  readonly docs: Answer;
}

export function documentRoutes(app: FastifyInstance, deps: BridgeDeps): void {
  let rendered: Rendered | undefined;
  const current = (): Rendered => {
    if (rendered?.version !== deps.catalogue.version) rendered = render(deps);
    return rendered;
  };
  resource(app, "/openapi.json", { GET: () => current().openapi });
  resource(app, "/docs", { GET: () => current().docs });
}

function render({ catalogue, dictionary, systemFields }: BridgeDeps): Rendered {
  const document = openApi(catalogue, dictionary, systemFields);
  return {
    version: catalogue.version,
    openapi: {
      status: 200,
      contentType: "application/json; charset=utf-8",
      // Public and without secrets: any page may read it, a code generator in a browser for instance.
      headers: { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" },
      body: JSON.stringify(document),
    },
    docs: {
      status: 200,
      contentType: "text/html; charset=utf-8",
      headers: { "content-security-policy": pagePolicy },
      body: page(document),
    },
  };
}
