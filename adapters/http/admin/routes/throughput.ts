/** Throughput: what was recorded, and the live stream. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { historyMinutes } from "../../../../engine/registry/spans.js";
import type { Clock, Telemetry } from "../../../../engine/ports/index.js";
import { json, refuse } from "../../answer.js";
import { queryParameter } from "../../parameters.js";
import { resource, streamResource } from "../../server.js";
import { requireRight } from "../access.js";
import { LiveStream } from "../live-stream.js";
import type { ThroughputServices } from "../throughput-services.js";

export function throughputRoutes(
  app: FastifyInstance,
  services: {
    readonly throughput: ThroughputServices;
    readonly clock: Clock;
    readonly telemetry: Telemetry;
  },
): void {
  const { throughput, clock, telemetry } = services;
  resource(app, "/admin/v1/metrics/history", {
    GET: requireRight("watch", async (request) => json(200, await throughput.history(minutesIn(request)))),
  });
  const live = new LiveStream({ services: throughput, clock, telemetry });
  streamResource(app, "/admin/v1/metrics/stream", {
    access: "watch",
    open: (_request, begin) => {
      if (!live.hasRoom) throw refuse("overloaded", "Too many are watching already; close a console.");
      watch(live, begin(eventStream));
    },
  });
}

const eventStream = "text/event-stream; charset=utf-8";

function watch(live: LiveStream, raw: FastifyReply["raw"]): void {
  const leave = live.watch({
    send: (text) => void raw.write(text),
    get bufferedBytes() {
      return raw.writableLength;
    },
    // Not `end`: what waits for a slow reader would wait on.
    end: () => void raw.destroy(),
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
