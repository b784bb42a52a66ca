/** How the states of a channel feel, and the edge of its card: seen from across the room. */
import type { Breaker, Channel, ChannelSwitch, Presence } from "../../api/channels";
import type { Tone } from "../../shared/StatusTag";

export const switchTones: Readonly<Record<ChannelSwitch, Tone>> = {
  open: "good",
  draining: "busy",
  closed: "bad",
  redirect: "attention",
};

export const breakerTones: Readonly<Record<Breaker, Tone>> = {
  closed: "good",
  "half-open": "attention",
  open: "bad",
};

export const presenceTones: Readonly<Record<Presence, Tone>> = {
  live: "good",
  missing: "attention",
  gone: "off",
};

/** Names a colour of antd's tokens; undefined: nothing is the matter. */
export function edgeOf({
  switch: position,
  presence,
  breaker,
}: Channel): "colorError" | "colorWarning" | "colorInfo" | undefined {
  if (position === "closed" || breaker === "open") return "colorError";
  if (position === "draining") return "colorInfo";
  return position === "redirect" || presence !== "live" || breaker !== "closed" ? "colorWarning" : undefined;
}
