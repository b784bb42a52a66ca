/** What react-query knows queues by; a replay or a discard makes everything below `queuesKey` read anew. */
type Key = readonly string[];

export const queuesKey: Key = ["queues"];
export const messagesKey = (queue: string): Key => [...queuesKey, queue, "messages"];
export const lettersKey = (queue: string, after: string): Key => [...queuesKey, queue, "dead", after];
export const letterKey = (queue: string, messageId: string): Key => [
  ...queuesKey,
  queue,
  "letter",
  messageId,
];
