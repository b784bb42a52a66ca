/** The simulated institution as a process of its own; see README.md. */
import { institutionMain } from "../institution-main.js";
import { simulatorKind } from "./institution.js";

await institutionMain("simulator", simulatorKind, 8090);
