/** Orders of the demo merchant; only a system that runs one has them. */
import { type CallOptions, get, post } from "./client";

export interface Demo {
  readonly available: boolean;
  readonly merchantId?: string;
}

export interface DemoOrder {
  readonly type: string;
  /** In minor units. */
  readonly amount: number;
  readonly currency: string;
}

export interface DemoAnswer {
  /** HTTP status of the bridge. */
  readonly status: number;
  /** An order, or a problem. */
  readonly body: {
    readonly orderId?: string;
    readonly status?: string | number;
    readonly detail?: string;
    readonly code?: string;
  };
}

export const demo = (options: CallOptions = {}): Promise<Demo> => get<Demo>("/demo", options);

export const placeDemoOrder = (order: DemoOrder): Promise<DemoAnswer> =>
  post<DemoAnswer>("/demo/orders", order);
