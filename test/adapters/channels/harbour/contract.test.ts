/** The contract suite of every channel, run against this one and its simulated institution. */
import { join } from "node:path";
import { createDriver } from "../../../../adapters/channels/harbour/index.js";
import { harbourKind } from "../../../../adapters/channels/harbour/institution.js";
import { ownChannelsDir } from "../../../../adapters/channels/load.js";
import { readChannelFile } from "../../../../adapters/channels/manifest.js";
import { channelContract } from "../../../contract/channel.js";

channelContract("harbour", {
  createDriver,
  manifest: readChannelFile(join(ownChannelsDir, "harbour", "channel.json")).manifest,
  institution: harbourKind,
  settings: (baseUrl, secret) => ({ baseUrl, secret, partner: "10000001" }),
});
