/** The contract suite of every channel, run against this one and its simulated institution. */
import { join } from "node:path";
import { createDriver } from "../../../../adapters/channels/simulator/index.js";
import { simulatorKind } from "../../../../adapters/channels/simulator/institution.js";
import { ownChannelsDir } from "../../../../adapters/channels/load.js";
import { readChannelFile } from "../../../../adapters/channels/manifest.js";
import { channelContract } from "../../../contract/channel.js";

channelContract("simulator", {
  createDriver,
  manifest: readChannelFile(join(ownChannelsDir, "simulator", "channel.json")).manifest,
  institution: simulatorKind,
  settings: (baseUrl, secret) => ({ baseUrl, secret }),
});
