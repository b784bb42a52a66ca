/** Orders of the demo merchant, placed where the bridge of this process listens. */
import type { DemoServices } from "../http/admin/routes/demo.js";
import { type DemoShop, orderRequest } from "../http/demo-shop.js";

/** The bridge answers after its own `replyWaitMs`; beyond this it is not there. */
const answerMsMax = 10_000;

/** @param shop asked each time: the bridge is started after whoever serves this */
export function demoServices(shop: () => DemoShop | undefined): DemoServices {
  return {
    get merchantId(): string | undefined {
      return shop()?.merchantId;
    },
    order: async (order) => {
      const demo = shop();
      if (!demo) return { status: 503, body: { detail: "the bridge is not up yet" } };
      const { url, init } = orderRequest(demo, order);
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(answerMsMax) });
      return { status: response.status, body: await response.json() };
    },
  };
}
