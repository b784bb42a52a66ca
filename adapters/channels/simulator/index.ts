/** The front door of the simulated channel. */
import type { ChannelDriver } from "../../../engine/ports/channel.js";
import type { ChannelOptions } from "../channel-module.js";
import { createHttpDriver } from "../http-driver.js";
import { simulatorDialect } from "./dialect.js";

export const createDriver = ({ manifest, settings, connections }: ChannelOptions): ChannelDriver =>
  createHttpDriver({
    manifest,
    connections,
    baseUrl: settings.text("baseUrl"),
    dialect: simulatorDialect(settings.text("secret")),
  });
