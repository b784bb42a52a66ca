/**
 * Serves the console: the files that `console/` was built into. Whoever asks for a page gets index.html, whatever the
 * path, because the console routes by itself; data stays behind the API's own guard.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

const page = "index.html";
/** Named by the hash of their content: what was fetched once is good for ever. */
const hashedFolder = "assets/";
const yearMs = 365 * 24 * 3600 * 1000;

/**
 * Nothing from elsewhere, nothing inline that runs. Styles are an exception: antd writes rules at run time and echarts
 * places its tooltips by style attributes. With images and connections held to this origin a style carries nothing out.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const headers: Readonly<Record<string, string>> = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** @param folder what `npm --prefix console run build` writes; it may be missing, then a page says how to get it. */
export async function consoleRoutes(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    ...{ root: folder, serve: false, cacheControl: false, dotfiles: "ignore" },
  });
  app.get("/*", (request, reply) => {
    const path = pathOf(request);
    if (/^admin(\/|$)|(^|\/)\.\.(\/|$)/.test(path)) return reply.callNotFound();
    void reply.headers(headers);
    if (path.startsWith(hashedFolder)) return sendHashed(reply, path);
    if (isPage(path)) return wantsPage(request) ? sendPage(reply, folder) : reply.callNotFound();
    return reply.header("cache-control", "no-cache").sendFile(path);
  });
}

const pathOf = (request: FastifyRequest): string => (request.params as { readonly "*": string })["*"];

/** Not a file of the build: the last part has no extension. */
const isPage = (path: string): boolean => path === page || !/\.[^/]*$/.test(path);

/** A program that asks for JSON has mistyped a path, and is better told so than handed a page. */
const wantsPage = (request: FastifyRequest): boolean => /\btext\/html\b/.test(request.headers.accept ?? "");

const sendHashed = (reply: FastifyReply, path: string): FastifyReply =>
  reply.sendFile(path, { cacheControl: true, immutable: true, maxAge: yearMs });

function sendPage(reply: FastifyReply, folder: string): FastifyReply {
  void reply.header("cache-control", "no-cache");
  if (existsSync(join(folder, page))) return reply.sendFile(page);
  return reply.code(503).type("text/html; charset=utf-8").send(notBuilt);
}

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Valence</title>
<h1>The console is not built</h1>
<p>Run <code>npm ci --prefix console</code> and <code>npm --prefix console run build</code>, then load this page again;
<code>npm start</code> does both. The admin API works without it.</p>
</html>
`;
