/** The one merchant of the benchmark, by environment: the worker registers it. */
export const merchant = JSON.parse(process.env["PEER_MERCHANT"] ?? "{}") as {
  readonly merchantId: string;
  readonly keyId: string;
  readonly secret: string;
};
