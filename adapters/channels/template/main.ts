/** The simulated institution as a process of its own; see README.md. */
import { institutionMain } from "../institution-main.js";
import { templateKind } from "./institution.js";

await institutionMain("template", templateKind, 8095);
