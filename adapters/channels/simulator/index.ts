/** The front door of the simulated channel. */
export { manifest } from "./manifest.js";
export { createSimulatorDriver, type SimulatorDriverOptions } from "./driver.js";
export { startSimulator, type Simulator, type SimulatorOptions } from "./server.js";
