/** OpenAPI, the docs page, the error table and `docs/errors.md` say the same. */
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
  openApi,
  type OpenApiDocument,
  type Operation,
} from "../../../../adapters/http/bridge/document/openapi.js";
import { errorTable, type ErrorCode, type ErrorEntry } from "../../../../engine/errors.js";
import { errorsMarkdown, generatedDocs } from "../../../../scripts/docs.js";
import {
  activeTypes,
  dictionary,
  MemoryCatalogue,
  systemFields,
} from "../../../support/bridge/definitions.js";
import { demoOrder, startBridge, type Harness } from "../../../support/bridge/harness.js";

interface BodySchema {
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

const document = (): OpenApiDocument => openApi(new MemoryCatalogue(), dictionary, systemFields);
const operations = (): readonly Operation[] =>
  Object.values(document().paths).flatMap((methods) => Object.values(methods));

function bodyOf(path: string): BodySchema {
  const media = document().paths[path]?.["post"]?.requestBody?.content["application/json"];
  assert.ok(media, path);
  return (media as { readonly schema: BodySchema }).schema;
}

/** Codes named in the responses of an operation, with the status they stand under. */
const codesOf = (operation: Operation): readonly (readonly [code: string, status: string])[] =>
  Object.entries(operation.responses).flatMap(([status, response]) =>
    response["content"] && JSON.stringify(response).includes("Problem")
      ? [...String(response["description"]).matchAll(/`([a-z_]+)`/g)].map(
          ([, code]) => [code ?? "", status] as const,
        )
      : [],
  );

describe("the OpenAPI document", () => {
  it("has a path for every type an integrator can ask for, and no other", () => {
    assert.deepEqual(Object.keys(document().paths).sort(), [
      "/channels/{channel}/notify",
      "/healthz",
      "/metrics",
      "/readyz",
      "/v1/orders",
      "/v1/orders/{orderId}",
      "/v1/orders/{orderId}/close",
      "/v1/orders/{orderId}/refunds",
      "/v1/refunds/{refundId}",
      "/v1/transactions/donate",
      "/v1/transactions/pay",
      "/v1/transactions/topup",
    ]);
    assert.deepEqual(Object.keys(document().paths["/v1/orders"] ?? {}).sort(), ["get", "post"]);
  });

  it("asks for what the flow asks for, without fields of the engine or of the type", () => {
    const required = ["merchantOrderId", "amount", "currency", "subject"];
    const optional = ["channel", "notifyUrl", "returnUrl", "expiresInSeconds", "metadata"];
    for (const [path, fields] of [
      ["/v1/transactions/pay", [...required, "method", ...optional]],
      ["/v1/orders", [...required, "method", ...optional]],
      ["/v1/transactions/topup", [...required, ...optional]],
    ] as const) {
      const schema = bodyOf(path);
      assert.deepEqual(schema.required, required);
      assert.deepEqual(Object.keys(schema.properties), fields);
      assert.equal(schema.additionalProperties, false);
    }
  });

  it("carries the dictionary's words and examples", () => {
    const { amount, notifyUrl } = bodyOf("/v1/orders").properties;
    assert.equal(amount?.["description"], dictionary.amount.title);
    assert.deepEqual(amount?.["examples"], [dictionary.amount.example]);
    assert.equal(notifyUrl?.["format"], "uri");
  });

  it("has body schemas that are JSON Schema 2020-12 and take the demo order", () => {
    const ajv = new Ajv2020({ strict: true, formats: { uri: true, uuid: true } });
    for (const path of ["/v1/orders", "/v1/transactions/topup"]) {
      const validate = ajv.compile(bodyOf(path));
      assert.ok(validate(demoOrder), path);
      assert.ok(!validate({ ...demoOrder, business: "x" }), path);
    }
  });

  it("is whole: every reference leads somewhere, every operation has an id of its own and says how to sign", () => {
    const text = JSON.stringify(document());
    for (const [, name] of text.matchAll(/#\/components\/schemas\/([A-Za-z]+)/g)) {
      assert.ok(document().components.schemas[name ?? ""], name);
    }
    const ids = operations().map((operation) => operation.operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const [path, methods] of Object.entries(document().paths)) {
      const parameters = [...path.matchAll(/{([a-zA-Z]+)}/g)].map(([, name]) => name);
      for (const operation of Object.values(methods)) {
        const declared = (operation.parameters ?? []).filter((parameter) => parameter["in"] === "path");
        assert.deepEqual(
          declared.map((parameter) => parameter["name"]),
          parameters,
          path,
        );
        assert.ok(Object.keys(operation.responses).length > 0);
        if (!path.startsWith("/v1/")) continue;
        assert.deepEqual(operation.security, [{ hmac: [] }, { rsa: [] }]);
      }
    }
    assert.deepEqual(Object.keys(document().components.securitySchemes), ["hmac", "rsa"]);
  });

  it("follows the definitions in force", async () => {
    const harness = await startBridge();
    try {
      const read = async (): Promise<OpenApiDocument> =>
        JSON.parse(
          (await harness.send({ path: "/openapi.json", authorization: "none" })).text,
        ) as OpenApiDocument;
      assert.deepEqual(await read(), JSON.parse(JSON.stringify(document())));
      harness.catalogue.activate(activeTypes.filter(({ type }) => type === "donate"));
      const paths = Object.keys((await read()).paths);
      assert.ok(paths.includes("/v1/transactions/donate") && !paths.includes("/v1/transactions/pay"));
      assert.equal((await read()).paths["/v1/orders"]?.["post"], undefined);
    } finally {
      await harness.bridge.close();
    }
  });
});

describe("the docs page", () => {
  let harness: Harness;
  let html = "";
  let policy = "";
  before(async () => {
    harness = await startBridge();
    const reply = await harness.send({ path: "/docs", authorization: "none" });
    html = reply.text;
    policy = String(reply.headers["content-security-policy"]);
  });
  after(() => harness.bridge.close());

  it("shows every operation, field and code, escaped", () => {
    for (const path of Object.keys(document().paths)) assert.ok(html.includes(`<code>${path}</code>`), path);
    for (const field of Object.keys(bodyOf("/v1/orders").properties))
      assert.ok(html.includes(`<code>${field}</code>`));
    assert.ok(html.includes("<code>nonce_reused</code>"));
    assert.ok(html.includes("Donation &lt;of &amp; any&gt; amount"));
  });

  it("works under its own policy: no script, nothing from elsewhere, and the style is the one allowed", () => {
    const style = /<style>([^]*?)<\/style>/.exec(html)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    assert.match(policy, /default-src 'none'/);
    assert.ok(policy.includes(`style-src 'sha256-${hash}'`));
    assert.doesNotMatch(html, /<script|<link|<img|https?:|style="|onclick/);
  });
});

describe("error codes", () => {
  /** For operators: answered by the admin API only. */
  const adminCodes = [
    "admin_unauthorized",
    ...["credentials_wrong", "second_factor_needed", "link_used", "login_throttled", "csrf_invalid"],
    ...["right_missing", "password_wrong", "second_factor_state"],
    ...["user_exists", "user_unknown", "last_administrator"],
    "definitions_unsound",
    "definitions_unserved",
    "rules_unsound",
    "rules_superseded",
    "switch_superseded",
    "channel_unknown",
    "redirect_invalid",
    "version_unknown",
    "run_not_parked",
    "action_impossible",
    "action_mismatch",
    "asked_too_soon",
    "search_too_wide",
  ];
  const table = Object.entries<ErrorEntry>(errorTable);

  it("docs/errors.md is what the table says; else run: node dist/scripts/docs.js", () => {
    for (const [path, text] of Object.entries(generatedDocs))
      assert.equal(readFileSync(path, "utf8"), text(), path);
  });

  it("docs/errors.md has every code of the table, with its status", () => {
    const listed = [...errorsMarkdown().matchAll(/^\| `([a-z_]+)` \| (\d*) \|/gm)].map(([, code, status]) => [
      code,
      status,
    ]);
    assert.deepEqual(
      listed,
      table.map(([code, entry]) => [code, String(entry.status ?? "")]),
    );
  });

  it("every code of an operation stands under the status of the table", () => {
    const named = operations().flatMap(codesOf);
    assert.ok(named.length > 0);
    for (const [code, status] of named)
      assert.equal(String((errorTable[code as ErrorCode] as ErrorEntry).status), status, code);
  });

  it("the document names every code that has a status, but for the operators' own", () => {
    const expected = table.flatMap(([code, entry]) =>
      entry.status === undefined || adminCodes.includes(code) ? [] : [code],
    );
    const named = new Set(
      operations()
        .flatMap(codesOf)
        .map(([code]) => code),
    );
    assert.deepEqual([...named].sort(), expected.sort());
    const { code } = document().components.schemas["Problem"]?.["properties"] as {
      readonly code: { readonly enum: string[] };
    };
    assert.deepEqual([...code.enum].sort(), expected.sort());
  });
});
