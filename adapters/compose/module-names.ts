/** Module names the command line takes, beside `channel:<name>`. */
export const moduleNames = ["bridge", "flow", "notify", "scheduler", "admin"] as const;
