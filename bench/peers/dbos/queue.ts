/** What the API process and the worker agree on. */
export const queueName = "payments";
export const workflowName = "pay";
export const applicationName = "bench";
