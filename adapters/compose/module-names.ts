/** Module names the command line takes, beside `channel:<name>`. */
export const moduleNames = ["bridge", "flow", "notify", "feed", "scheduler", "admin"] as const;
