/** People who are signed in at a running admin module, for browsers that need not type a password first. */
import type { BrowserContext } from "playwright-core";
import type { Role } from "../../../engine/registry/rights.js";

const password = "correct horse battery";

export interface Visitor {
  readonly name: string;
  /** `name=value` */
  readonly cookie: string;
  readonly csrf: string;
}

type Headers = Readonly<Record<string, string>>;

/** Makes a user of this role by the one-time link, as a super administrator would. @throws Error with the answer */
export async function newVisitor(admin: string, token: string, name: string, role: Role): Promise<Visitor> {
  const call = async (method: string, path: string, body: object, headers: Headers): Promise<Response> => {
    const response = await fetch(`${admin}/admin/v1${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const user = { name, role, author: "test", reason: "a test" };
  const made = await call("POST", "/users", user, { authorization: `Bearer ${token}` });
  const { link } = (await made.json()) as { link: string };
  const welcomed = await call("POST", "/session/welcome", { token: link.split("#")[1] }, {});
  const { cookie, csrf } = await kept(welcomed);
  return {
    name,
    ...(await kept(await call("PUT", "/session/password", { password }, { cookie, "x-csrf-token": csrf }))),
  };
}

async function kept(response: Response): Promise<Pick<Visitor, "cookie" | "csrf">> {
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  const { csrf } = (await response.json()) as { csrf: string };
  return { cookie, csrf };
}

/** The browser is this person's from now on. */
export async function seat(context: BrowserContext, url: string, { cookie }: Visitor): Promise<void> {
  const [name = "", value = ""] = cookie.split("=");
  await context.addCookies([{ name, value, url, httpOnly: true, sameSite: "Strict" }]);
}
