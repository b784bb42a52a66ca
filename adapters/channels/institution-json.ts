/** The institution's end of `json-dialect.ts`: JSON bodies signed in headers, a path per operation, bills by GET. */
import { HmacHeaders, parseObject } from "./hmac-headers.js";
import type { InstitutionDialect, InstitutionOperation } from "./institution-dialect.js";

export interface JsonInstitutionOptions {
  readonly prefix: string;
  readonly secret: string;
  readonly paths: Readonly<Record<InstitutionOperation, string>>;
  readonly callbackPath: string;
}

export function jsonInstitution({
  prefix,
  secret,
  paths,
  callbackPath,
}: JsonInstitutionOptions): InstitutionDialect {
  const signer = new HmacHeaders(prefix, secret);
  const operations = new Map(
    Object.entries(paths).map(([operation, path]) => [path, operation as InstitutionOperation]),
  );
  const bytes = (content: unknown): Buffer => Buffer.from(JSON.stringify(content));
  return {
    read: ({ method, target, headers, body }, nowMs) => {
      const operation = operations.get(target.split("?", 1)[0]!);
      if (operation === undefined || method !== (operation === "bill" ? "GET" : "POST")) return undefined;
      const why = signer.fault("request", target, headers, body, nowMs);
      if (why !== undefined) return { operation, genuine: false, why };
      const fields =
        operation === "bill"
          ? Object.fromEntries(new URL(target, "http://institution").searchParams)
          : parseObject(body);
      return { operation, genuine: true, fields };
    },
    answer: (_, target, answer, nowMs) => {
      const body = bytes(answer);
      const headers = {
        "content-type": "application/json",
        ...signer.sign("response", target, body, nowMs),
      };
      return { headers, body };
    },
    notice: (answer, nowMs) => {
      const body = bytes(answer);
      return {
        headers: {
          "content-type": "application/json",
          ...signer.sign("callback", callbackPath, body, nowMs),
        },
        body,
      };
    },
    noticeTaken: (status) => status >= 200 && status < 300,
  };
}
