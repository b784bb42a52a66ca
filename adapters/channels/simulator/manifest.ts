/** The manifest as the program sees it. The JSON file is what routing reads without running the driver. */
import { readFileSync } from "node:fs";
import type { ChannelManifest } from "../../../engine/ports/channel.js";
import type manifestJson from "./channel.json";

/** The assignment is the check: a key that `ChannelManifest` wants and the file lacks does not compile. */
export const manifest: ChannelManifest = JSON.parse(
  readFileSync(new URL("./channel.json", import.meta.url), "utf8"),
) as typeof manifestJson & Pick<ChannelManifest, "operations">;
