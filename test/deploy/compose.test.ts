/** compose.yaml cannot be run where there is no container engine: what can be known without one is checked here. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { root } from "../support/checkout.js";
import { runProgram } from "../support/process.js";
import { valence } from "../support/system.js";
import { text, yaml } from "./files.js";

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>> | readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

const compose = yaml<{
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}>("compose.yaml");
const services = Object.entries(compose.services);
const modules = services.filter(([, { image, entrypoint }]) => image === "valence:local" && !entrypoint);
const dockerfile = text("Dockerfile");

/** As compose puts in variables; what must be set gets a value of this test. */
const interpolated = (value: string): string =>
  value
    .replace(/\$\{\w+:\?[^}]*\}/g, "a-secret-of-this-test-0123456789")
    .replace(/\$\{\w+:-([^}]*)\}/g, "$1");

/** `ENV A=1 B=2` lines. */
const imageEnvironment = Object.fromEntries(
  [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs = ""]) =>
    [...pairs.matchAll(/(\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value] as const),
  ),
);

const environmentOf = ({ environment = {} }: Service): Readonly<Record<string, string>> => ({
  ...imageEnvironment,
  ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, interpolated(value)])),
});

describe("compose.yaml", () => {
  it("has the servers, every module and the institution", () => {
    assert.deepEqual(services.map(([name]) => name).sort(), [
      ...["admin", "bridge", "channel-simulator", "flow", "grafana", "institution", "nats", "notify"],
      ...["postgres", "prometheus", "rabbitmq", "scheduler"],
    ]);
    assert.equal(modules.length, 6);
  });

  for (const [name, service] of modules)
    it(`${name}: its command line and every setting are valid; only the database is missing here`, async () => {
      const inherited = Object.fromEntries(
        Object.keys(process.env).flatMap((key) => (key.startsWith("VALENCE_") ? [[key, undefined]] : [])),
      );
      const { code, stderr } = await runProgram(process.execPath, [valence, ...(service.command ?? [])], {
        env: { ...inherited, ...environmentOf(service), VALENCE_DATABASE_URL: "" },
      });
      assert.equal(code, 1);
      assert.match(stderr, /database\.url: separate processes need a PostgreSQL/);
    });

  it("a setting that does not exist would be noticed", async () => {
    const { code, stderr } = await runProgram(process.execPath, [valence, "run", "flow"], {
      env: { VALENCE_DATABASE_URL: "", VALENCE_FLOW_PORT: "1" },
    });
    assert.equal(code, 1);
    assert.match(stderr, /VALENCE_FLOW_PORT: there is no such setting/);
  });

  it("every service that is named, mounted or declared is there", () => {
    for (const [name, service] of services) {
      const needs = service.depends_on ?? [];
      for (const other of Array.isArray(needs) ? (needs as readonly string[]) : Object.keys(needs))
        assert.ok(compose.services[other], `${name} depends on ${other}`);
      for (const [source = ""] of (service.volumes ?? []).map((volume) => volume.split(":"))) {
        if (source.startsWith("./")) assert.ok(existsSync(path.join(root, source)), `${name}: ${source}`);
        else assert.ok(source in compose.volumes, `${name}: volume ${source}`);
      }
      if (service.build !== undefined) assert.ok(existsSync(path.join(root, service.build, "Dockerfile")));
      assert.ok(service.healthcheck ?? service.build, `${name} has a health check, or its image has`);
      for (const port of service.ports ?? [])
        assert.match(port, /^127\.0\.0\.1:(\d+):\1$/, `${name}: opened to this machine only`);
    }
    const used = new Set(
      services.flatMap(([, { volumes = [] }]) => volumes.map((each) => each.split(":")[0])),
    );
    for (const volume of Object.keys(compose.volumes))
      assert.ok(used.has(volume), `volume ${volume} is unused`);
  });

  it("brokers start by their profile only; everything else always", () => {
    const profiles = services.flatMap(([name, each]) => (each.profiles ? [[name, ...each.profiles]] : []));
    assert.deepEqual(profiles, [
      ["rabbitmq", "amqp"],
      ["nats", "nats"],
    ]);
  });

  it("no secret has a default, and deploy/env.example names every one that must be set", () => {
    const required = [...text("compose.yaml").matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);
    const example = text("deploy/env.example");
    for (const name of new Set(required)) assert.match(example, new RegExp(`^${name}=$`, "m"));
    for (const [name, { environment = {} }] of services)
      for (const [variable, value] of Object.entries(environment))
        if (/PASS|SECRET|TOKEN/.test(variable))
          assert.match(value, /^\$\{\w+:(\?.*|-)\}$/, `${name}: ${variable}`);
  });

  it("Prometheus scrapes the probes of every module, and of nothing that is not there", () => {
    const { scrape_configs } = yaml<{
      scrape_configs: readonly { dns_sd_configs: readonly { names: readonly string[]; port: number }[] }[];
    }>("deploy/prometheus/prometheus.yml");
    const [sd] = scrape_configs.flatMap(({ dns_sd_configs }) => dns_sd_configs);
    assert.deepEqual([...(sd?.names ?? [])].sort(), modules.map(([name]) => name).sort());
    assert.equal(String(sd?.port), imageEnvironment["VALENCE_PROBES_PORT"]);
  });
});

describe("Dockerfile", () => {
  it("copies what exists, exposes what compose opens, and starts the command line", () => {
    for (const [, sources = ""] of dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm))
      for (const source of sources.split(" ")) assert.ok(existsSync(path.join(root, source)), source);
    for (const [, source = ""] of dockerfile.matchAll(/^COPY --from=build \/app\/(\S+)/gm))
      assert.ok(
        source === "node_modules" || source === "dist" || existsSync(path.join(root, source)),
        source,
      );
    const exposed = /^EXPOSE (.*)$/m.exec(dockerfile)?.[1]?.split(" ") ?? [];
    for (const [name, { ports = [] }] of modules)
      for (const port of ports) assert.ok(exposed.includes(port.split(":")[2] ?? ""), `${name}: ${port}`);
    assert.ok(exposed.includes(imageEnvironment["VALENCE_PROBES_PORT"] ?? ""));
    assert.match(dockerfile, /^ENTRYPOINT \["bin\/valence"\]$/m);
  });

  it("holds the program of the simulated institution", () => {
    const program = compose.services["institution"]?.entrypoint?.[1] ?? "";
    assert.ok(existsSync(path.join(root, program)), program);
  });
});
