/**
 * After kill -9 the server's files may disagree, and a consumer then has passed messages that it never hands out again.
 * They would wait forever, and it cannot be told whether they were acknowledged. The remedy is a new consumer, which
 * hands out all that the stream holds; the engine's fence drops what was done.
 *
 * `consumer` must be older than `stream`: then neither can be true of files that agree.
 */
import type { ConsumerInfo, StreamInfo } from "@nats-io/jetstream";

/**
 * It believes that it has handed out messages which the stream has yet to receive: their sequences are given again.
 * Seen on 2.9.10; known up to 2.11.1 for a stream that was empty: https://github.com/nats-io/nats-server/pull/6778
 */
export const isAhead = ({ delivered }: ConsumerInfo, { state }: StreamInfo): boolean =>
  delivered.stream_seq > state.last_seq;

/**
 * Everything up to here is acknowledged, says the consumer; the oldest message is older, says the stream. Seen on
 * 2.9.10: acknowledged messages are back. To be looked at twice: an acknowledgement reaches the consumer a little
 * earlier than the stream.
 */
export const leavesBehind = ({ ack_floor }: ConsumerInfo, { state }: StreamInfo): boolean =>
  state.messages > 0 && state.first_seq <= ack_floor.stream_seq;
