/** Where a running system says how to reach it. Written when it is ready, removed when it stops in order. */
import { join, resolve } from "node:path";

/** What `demo.json` holds; see the contract. */
export interface DemoFile {
  readonly bridge: string;
  readonly admin: string;
  readonly console: string;
  readonly simulator?: string;
  readonly merchant?: string;
  readonly notifyUrl?: string;
  readonly merchantId: string;
  readonly keyId: string;
  readonly secret: string;
  readonly webhookSecret: string;
  readonly adminToken: string;
}

export const demoFileOf = (dataDir: string): string => join(resolve(dataDir), "demo.json");
