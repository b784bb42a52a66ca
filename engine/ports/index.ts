export type * from "./bus.js";
export type * from "./channel.js";
export type * from "./clock.js";
export type * from "./delivery.js";
export type * from "./housekeeping.js";
export type * from "./reference.js";
export type * from "./store.js";
export type * from "./telemetry.js";
