/** Module names the command line takes, beside `channel:<name>`. */
export const moduleNames = ["bridge", "flow", "notify", "feed", "scheduler", "admin"] as const;

export type ModuleName = (typeof moduleNames)[number];

export const isModuleName = (name: string): name is ModuleName => moduleNames.some((each) => each === name);
