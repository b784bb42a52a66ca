/** What may be said to `valence run`. */
export const moduleNames = ["bridge", "flow", "notify", "feed", "scheduler", "admin"] as const;

export type ModuleName = (typeof moduleNames)[number];

/** For messages. */
export const moduleChoices = [...moduleNames, "channel:<name>"].join(", ");

export const isModuleName = (name: string): name is ModuleName => moduleNames.some((each) => each === name);

/** The channel of `channel:<name>`; undefined when it is not a channel's module. */
export const channelOf = (module: string): string | undefined => /^channel:(.+)$/.exec(module)?.[1];
