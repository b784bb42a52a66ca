import { busContract } from "../../../contract/bus/index.js";
import { postgresCapabilities } from "../../../../adapters/bus/postgres/bus.js";
import { forEachDatabase } from "../../../support/postgres.js";
import { postgresWorld } from "../../../support/postgres-world.js";

forEachDatabase((name, open) => {
  busContract(name, {
    open: () => postgresWorld(open),
    processes: name === "PGlite" ? "one" : "many",
    capabilities: postgresCapabilities,
  });
});
