/** The Harbour gateway as a process of its own; see README.md. */
import { institutionMain } from "../institution-main.js";
import { harbourKind } from "./institution.js";

await institutionMain("harbour", harbourKind, 8092);
