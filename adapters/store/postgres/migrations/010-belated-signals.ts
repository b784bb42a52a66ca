/** What is announced of a signal that its run never takes. */
export const name = "010-belated-signals";

export const sql = `
alter table core.signals add column otherwise jsonb;
`;
