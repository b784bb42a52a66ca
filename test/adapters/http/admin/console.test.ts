import assert from "node:assert/strict";
import type { FastifyInstance } from "fastify";
import { consoleRoutes } from "../../../../adapters/http/admin/console.js";
import { createServer } from "../../../../adapters/http/server.js";
import { systemClock } from "../../../../adapters/system/clock.js";
import { silent } from "../../../../engine/ports/telemetry.js";
import { withTree } from "../../../support/checkout.js";

const built = {
  "index.html": "<!doctype html><title>console</title>",
  "favicon.svg": "<svg/>",
  "assets/main-0a1b.js": "export {};",
  ".built": "a hash",
};

const html = "text/html,application/xhtml+xml";
const anything = "*/*";
const forEver = "public, max-age=31536000, immutable";

/** What a browser or a program asks for, and what it is to get. */
const table: readonly (readonly [
  path: string,
  accept: string,
  status: number,
  type: string,
  cache: string | null,
])[] = [
  ["/", html, 200, "text/html; charset=utf-8", "no-cache"],
  ["/orders/123", html, 200, "text/html; charset=utf-8", "no-cache"],
  ["/index.html", html, 200, "text/html; charset=utf-8", "no-cache"],
  ["/favicon.svg", anything, 200, "image/svg+xml", "no-cache"],
  ["/assets/main-0a1b.js", anything, 200, "application/javascript; charset=utf-8", forEver],
  // A file of an earlier release must not be answered with a page, which would be run as a script.
  ["/assets/main-gone.js", html, 404, "application/problem+json", "no-store"],
  ["/orders/123", "application/json", 404, "application/problem+json", "no-store"],
  ["/admin/v1/nothing", html, 404, "application/problem+json", "no-store"],
  ["/admin", html, 404, "application/problem+json", "no-store"],
  ["/.built", anything, 404, "application/problem+json", "no-store"],
  ["/%2e%2e/secret.txt", anything, 404, "application/problem+json", "no-store"],
  ["/assets/..%2f..%2fsecret.txt", anything, 404, "application/problem+json", "no-store"],
];

async function serving<Result>(
  folder: string,
  use: (app: FastifyInstance) => Promise<Result>,
): Promise<Result> {
  const app = createServer({ clock: systemClock, telemetry: silent, bodyBytesMax: 1_000 });
  await app.register((scope) => consoleRoutes(scope, folder));
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

describe("console files", () => {
  for (const [path, accept, status, type, cache] of table) {
    it(`${path} for ${accept}: ${status} ${type}, ${cache}`, () =>
      withTree({ "secret.txt": "secret", ...inFolder("dist", built) }, (folder) =>
        serving(`${folder}/dist`, async (app) => {
          const answer = await app.inject({ path, headers: { accept } });
          assert.deepEqual(
            [answer.statusCode, answer.headers["content-type"], answer.headers["cache-control"]],
            [status, type, cache],
          );
          assert.ok(!answer.body.includes("secret"));
        }),
      ));
  }

  it("a page runs nothing inline, nothing from elsewhere, and in no frame", () =>
    withTree(built, (folder) =>
      serving(folder, async (app) => {
        const { headers } = await app.inject({ path: "/", headers: { accept: html } });
        const policy = String(headers["content-security-policy"]);
        for (const part of ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"])
          assert.ok(policy.includes(part), `${part} in ${policy}`);
        assert.equal(headers["x-content-type-options"], "nosniff");
        assert.equal(headers["referrer-policy"], "no-referrer");
      }),
    ));

  it("without a build: a page that says what to run", () =>
    withTree({}, (folder) =>
      serving(`${folder}/missing`, async (app) => {
        const answer = await app.inject({ path: "/orders", headers: { accept: html } });
        assert.equal(answer.statusCode, 503);
        assert.match(answer.body, /npm --prefix console run build/);
      }),
    ));
});

const inFolder = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
