/** What the admin API serves about orders, on this process's kernel. */
import { vocabulary } from "../../atoms/index.js";
import { domainTables } from "../../atoms/tables.js";
import { ValenceError } from "../../engine/errors.js";
import { BatchError } from "../../engine/ports/store.js";
import { engineTables } from "../../engine/runtime/tables.js";
import type { OrderServices } from "../http/admin/order-services.js";
import { PostgresOrderSearch, searchSetup } from "../store/postgres/order-search.js";
import { PostgresStory } from "../store/postgres/story.js";
import type { Kernel } from "./kernel.js";
import { act } from "./order-actions.js";
import { release } from "./order-release.js";

export function orderServices(kernel: Kernel): OrderServices {
  const { database, catalogue, clock } = kernel;
  const stories = new PostgresStory({
    sql: database.pool,
    tables: [...engineTables, ...domainTables],
    vocabulary,
    nowMs: () => clock.nowMs(),
    plan: (hash) => catalogue.plan(hash),
  });
  const orders = new PostgresOrderSearch({
    sql: database.dedicated("search", searchSetup),
    nowMs: () => clock.monotonicMs(),
  });
  return {
    search: (query) => orders.search(query).catch(tooWide),
    story: (id) => stories.story(id),
    act: async (id, asked) => {
      const story = await stories.story(id);
      if (!story) throw new ValenceError("not_found", `no order is known under ${id}`);
      return act(kernel, story, asked);
    },
    release: (asked) => release(kernel, asked),
  };
}

/** The one statement that is given up here is the one that took too long. */
function tooWide(error: unknown): never {
  if (error instanceof BatchError && error.kind === "transient")
    throw new ValenceError("search_too_wide", "narrow it: a shorter time, a merchant, a channel", {
      cause: error,
    });
  throw error;
}
