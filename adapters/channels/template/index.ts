/** The front door of the template channel: what the product loads. */
import type { ChannelDriver } from "../../../engine/ports/channel.js";
import type { ChannelOptions } from "../channel-module.js";
import { createHttpDriver } from "../http-driver.js";
import { templateDialect } from "./dialect.js";

export const createDriver = ({ manifest, settings, connections }: ChannelOptions): ChannelDriver =>
  createHttpDriver({
    manifest,
    connections,
    baseUrl: settings.text("baseUrl"),
    dialect: templateDialect(settings.text("secret")),
  });
