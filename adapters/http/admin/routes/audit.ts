/** The audit: read, and verified from its first line to its head. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AuditFilter, AuditHead } from "../../../../engine/ports/index.js";
import { json } from "../../answer.js";
import { queryParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import type { AuditServices } from "../audit-services.js";
import { invalid } from "../input.js";

const limitMax = 500;
const limitDefault = 100;

export function auditRoutes(app: FastifyInstance, services: AuditServices): void {
  resource(app, "/admin/v1/audit", {
    GET: requireRight("audit.read", async (request) => {
      const filter = filterIn(request);
      // One more than is shown tells whether there is more.
      const found = await services.entries({ ...filter, limit: filter.limit + 1 });
      const entries = found.slice(0, filter.limit);
      const last = entries.at(-1);
      return json(200, { entries, ...(last && found.length > entries.length ? { before: last.seq } : {}) });
    }),
  });
  resource(app, "/admin/v1/audit/verify", {
    GET: requireRight("audit.read", async (request) => json(200, await services.verify(witnessIn(request)))),
  });
}

function filterIn(request: FastifyRequest): AuditFilter {
  const [who, action] = [queryParameter(request, "who"), queryParameter(request, "action")];
  const fromMs = timeIn(request, "from");
  const toMs = timeIn(request, "to");
  const before = countIn(request, "before");
  const limit = Math.min(countIn(request, "limit") ?? limitDefault, limitMax);
  return {
    ...(who === undefined || who === "" ? {} : { who }),
    ...(action === undefined || action === "" ? {} : { action }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(before === undefined ? {} : { before }),
    limit,
  };
}

function timeIn(request: FastifyRequest, name: string): number | undefined {
  const text = queryParameter(request, name);
  if (text === undefined) return undefined;
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs))
    throw invalid([{ pointer: `/${name}`, message: "must be a time such as 2026-01-31T08:00:00Z" }]);
  return atMs;
}

function countIn(request: FastifyRequest, name: string): number | undefined {
  const text = queryParameter(request, name);
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw invalid([{ pointer: `/${name}`, message: "must be a whole number of at least 1" }]);
  return Number(text);
}

/** Both or none. */
function witnessIn(request: FastifyRequest): AuditHead | undefined {
  const seq = countIn(request, "seq");
  const hash = queryParameter(request, "hash");
  if (seq === undefined && hash === undefined) return undefined;
  if (seq === undefined || hash === undefined || !/^[0-9a-f]{64}$/.test(hash))
    throw invalid([{ pointer: "/hash", message: "seq and hash, 64 hexadecimal digits, go together" }]);
  return { seq, hash };
}
