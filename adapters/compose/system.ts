/** What the two ways to start have in common: a kernel, the modules that were named, and how all of it stops. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ValenceError } from "../../engine/errors.js";
import { keptSecret } from "../data/secrets.js";
import type { Settings } from "../settings/index.js";
import { createKernel, type Kernel, type KernelOptions } from "./kernel.js";
import { startModule } from "./modules/index.js";
import type { Module, ModuleContext } from "./modules/module.js";
import { queuesOf } from "./modules/queues.js";
import { productRoot, readDefinitions } from "./root.js";

export interface System {
  /** Where it can be reached, by name: `bridge`, `admin`, `simulator`, `merchant`. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly instance: string;
  /** A one-time way in for the very first administrator, when there is nobody else who could let people in. Secret. */
  readonly firstLink?: string;
  /** Stops in order: no new work, work finished or handed back, then connections. Within `shutdown.deadlineMs`. */
  stop(): Promise<void>;
}

/** Things to stop, in the reverse order of their start. */
export class Stack {
  readonly #stops: ((deadlineMs: number) => Promise<void> | void)[] = [];

  push(stop: (deadlineMs: number) => Promise<void> | void): void {
    this.#stops.push(stop);
  }

  /** A stop that fails must not keep the others from stopping; the first failure is thrown at the end. */
  async unwind(deadlineMs: number): Promise<void> {
    const failures: unknown[] = [];
    // One deadline for all: a slow module takes from the patience with the next one, not from the operator's.
    const giveUpAtMs = performance.now() + deadlineMs;
    for (const stop of this.#stops.splice(0).reverse()) {
      try {
        await stop(Math.max(0, giveUpAtMs - performance.now()));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Starts what `build` starts, and takes it down again if `build` fails half-way. */
export async function building<T>(stack: Stack, build: () => Promise<T>): Promise<T> {
  try {
    return await build();
  } catch (error) {
    await stack.unwind(0).catch(() => undefined);
    throw error;
  }
}

export const secretOf = (settings: Settings, dataDir: string): string =>
  settings.simulator.secret === "" ? keptSecret(dataDir, "simulator.secret") : settings.simulator.secret;

/** The settings `simulator.*` are those of every channel that fronts the simulated institution. */
export const presetsOf =
  (secret: string, baseUrl: string): ModuleContext["channelPresets"] =>
  (driver) =>
    driver === "simulator" ? { secret, ...(baseUrl === "" ? {} : { baseUrl }) } : {};

export async function startKernel(
  stack: Stack,
  settings: Settings,
  options: Omit<KernelOptions, "settings">,
): Promise<Kernel> {
  const kernel = await createKernel({ settings, ...options });
  stack.push(() => kernel.close());
  return kernel;
}

/** Consumers start last and stop first, so that nothing is taken that cannot be finished. */
export async function startNamed(
  stack: Stack,
  names: readonly string[],
  context: ModuleContext,
): Promise<readonly Module[]> {
  // Known before they take their first message: a lease whose owner nobody knows counts as a dead one's.
  await context.kernel.announce(names.map((module) => ({ module, queues: queuesOf(module) })));
  const modules: Module[] = [];
  let serving = false;
  if (context.kernel.settings.probes.enabled) {
    const { startProbes } = await import("./probes.js");
    const probes = await startProbes(context.kernel, () => serving);
    stack.push((deadlineMs) => probes.stop(deadlineMs));
    modules.push(probes);
  }
  for (const name of names) {
    const module = await startModule(name, context);
    stack.push((deadlineMs) => module.stop(deadlineMs));
    modules.push(module);
  }
  serving = true;
  // Unwound first: who asks whether it is ready hears that it stops before it does.
  stack.push(() => {
    serving = false;
  });
  return modules;
}

/** A database nobody has set up yet gets the definitions and routes this product ships with. */
export async function installDefaults(kernel: Kernel): Promise<void> {
  const by = { author: "valence", reason: "first start" };
  if (!(await kernel.definitionStore.active())) {
    const result = await kernel.definitions.install(readDefinitions(join(productRoot, "flows")), by);
    // Superseded: another process of the same system was first.
    if (!result.applied && result.code !== "definitions_superseded") {
      throw new ValenceError(
        "definitions_unsound",
        `the definitions in ${join(productRoot, "flows")} do not compile; run valence flow check`,
      );
    }
  }
  await installRoutes(kernel);
  await kernel.configChanged();
}

async function installRoutes({ routes }: Kernel): Promise<void> {
  if (await routes.active()) return;
  const path = join(productRoot, "config", "routes.json");
  const file = { path, text: readFileSync(path, "utf8") };
  const result = await routes
    .apply(file, { author: "valence", reason: "first start" }, 0)
    .catch((error: unknown) => {
      // Another process of the same system was first.
      if (error instanceof ValenceError && error.code === "rules_superseded") return undefined;
      throw error;
    });
  if (result && !result.applied)
    throw new ValenceError("rules_unsound", `${path} does not check; run valence route check ${path}`);
}

export function systemOf(
  stack: Stack,
  settings: Settings,
  kernel: Kernel,
  addresses: Readonly<Record<string, string>>,
  modules: readonly Module[],
): System {
  let stopping: Promise<void> | undefined;
  const firstLink = modules.find((module) => module.firstLink !== undefined)?.firstLink;
  return {
    addresses,
    ...(firstLink === undefined ? {} : { firstLink }),
    instance: kernel.instance,
    stop: () => {
      stopping ??= stack.unwind(settings.shutdown.deadlineMs);
      return stopping;
    },
  };
}
