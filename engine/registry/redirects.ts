/** Redirects form chains, never circles. */
import type { ChannelSwitch } from "../ports/reference.js";

/** Where a switch stands, in one word: `open`, `draining`, `closed` or `redirect:<other>`. */
export const switchText = (position: ChannelSwitch, redirectTo: string | null): string =>
  redirectTo === null ? position : `${position}:${redirectTo}`;

/**
 * The circle that redirecting `channel` to `to` would close, in order, or undefined. `links` are the redirects in
 * force, without that of `channel`.
 */
export function redirectCycle(
  channel: string,
  to: string,
  links: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const path = [channel];
  for (let next: string | undefined = to; next !== undefined; next = links.get(next)) {
    path.push(next);
    if (next === channel) return path;
    // A circle without `channel` cannot have been set; never walk it for ever all the same.
    if (path.length > links.size + 2) return undefined;
  }
  return undefined;
}
