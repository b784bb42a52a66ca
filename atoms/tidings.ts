/** What is announced about a payment that was given up and may have been charged all the same. */
import type { TopicEvent } from "../engine/atom.js";
import type { Row } from "../engine/ports/store.js";

/** Flows that take `payment.late` ask the institution. `fields`: the order's and the payment's, as `rows.ts` names them. */
export const lateTidings = (fields: Row): TopicEvent => ({ topic: "payment.late", fields });
