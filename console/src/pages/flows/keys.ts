/** Names of what react-query keeps of this page. */
export const flowKeys = {
  all: ["flows"],
  list: ["flows", "list"],
  rates: ["flows", "rates"],
  definitions: ["flows", "definitions"],
  history: ["flows", "history"],
  vocabulary: ["flows", "vocabulary"],
  drawing: (flow: string) => ["flows", "drawing", flow],
  counts: (flow: string) => ["flows", "counts", flow],
} as const;

/** Live figures that the stream does not carry are asked for this often. Milliseconds. */
export const refreshMs = 2_000;
