import { housekeepingContract } from "../../../contract/housekeeping.js";
import { forEachDatabase } from "../../../support/postgres.js";
import { postgresWorld } from "../../../support/postgres-world.js";

forEachDatabase((name, open) => {
  housekeepingContract(name, {
    open: () => postgresWorld(open),
    processes: name === "PGlite" ? "one" : "many",
  });
});
