/** The contract suite of every channel, run against this one and its simulated institution. */
import { join } from "node:path";
import { createDriver } from "../../../../adapters/channels/template/index.js";
import { templateKind } from "../../../../adapters/channels/template/institution.js";
import { ownChannelsDir } from "../../../../adapters/channels/load.js";
import { readChannelFile } from "../../../../adapters/channels/manifest.js";
import { channelContract } from "../../../contract/channel.js";

channelContract("template", {
  createDriver,
  manifest: readChannelFile(join(ownChannelsDir, "template", "channel.json")).manifest,
  institution: templateKind,
  settings: (baseUrl, secret) => ({ baseUrl, secret }),
});
