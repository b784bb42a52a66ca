/** Throughput: what was recorded, and the live stream. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { historyMinutes } from "../../../../engine/registry/spans.js";
import type { Clock, Telemetry } from "../../../../engine/ports/index.js";
import { json, refuse } from "../../answer.js";
import { queryParameter } from "../../parameters.js";
import { resource, streamResource } from "../../server.js";
import { LiveStream } from "../live-stream.js";
import type { ThroughputServices } from "../throughput-services.js";

/** Whether who opened a stream may go on reading it; asked every ten seconds. */
export type StillAllowed = (request: FastifyRequest) => Promise<boolean>;

export function throughputRoutes(
  app: FastifyInstance,
  services: {
    readonly throughput: ThroughputServices;
    readonly clock: Clock;
    readonly telemetry: Telemetry;
  },
  stillAllowed: StillAllowed = () => Promise.resolve(true),
): void {
  const { throughput, clock, telemetry } = services;
  resource(app, "/admin/v1/metrics/history", {
    GET: async (request) => json(200, await throughput.history(minutesIn(request))),
  });
  const live = new LiveStream({ services: throughput, clock, telemetry });
  streamResource(app, "/admin/v1/metrics/stream", (request, begin) => {
    if (!live.hasRoom) throw refuse("overloaded", "Too many are watching already; close a console.");
    watch(live, begin(eventStream), () => stillAllowed(request));
  });
}

const eventStream = "text/event-stream; charset=utf-8";

function watch(live: LiveStream, raw: FastifyReply["raw"], stillAllowed: () => Promise<boolean>): void {
  const leave = live.watch({
    send: (text) => void raw.write(text),
    get bufferedBytes() {
      return raw.writableLength;
    },
    // Not `end`: what waits for a slow reader would wait on.
    end: () => void raw.destroy(),
    stillAllowed,
  });
  raw.once("close", leave);
}

function minutesIn(request: FastifyRequest): number {
  const text = queryParameter(request, "minutes") ?? "15";
  const minutes = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  const { min, max } = historyMinutes;
  if (minutes >= min && minutes <= max) return minutes;
  throw refuse("field_invalid", `minutes must be a whole number from ${min} to ${max}.`);
}
