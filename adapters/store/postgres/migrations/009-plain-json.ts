/**
 * What is written for every hop and read after a crash, or by a person, is kept as it was sent: nothing looks into it
 * in SQL on the way, and taking it apart costs the server more than all else about a row.
 */
export const name = "009-plain-json";

export const sql = `
alter table core.runs alter column body type json using body::json;
alter table core.journal alter column data type json using data::json;
alter table bus.messages alter column body type json using body::json;
alter table bus.outbox alter column body type json using body::json;
alter table bus.dead_letters alter column body type json using body::json;
`;
