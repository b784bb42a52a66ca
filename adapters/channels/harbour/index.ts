/** The front door of the Harbour channel. */
import type { ChannelDriver } from "../../../engine/ports/channel.js";
import type { ChannelOptions } from "../channel-module.js";
import { createHttpDriver } from "../http-driver.js";
import { harbourDialect } from "./dialect.js";

export const createDriver = ({ manifest, settings, connections }: ChannelOptions): ChannelDriver =>
  createHttpDriver({
    manifest,
    connections,
    baseUrl: settings.text("baseUrl"),
    dialect: harbourDialect(settings.text("partner"), settings.text("secret")),
  });
