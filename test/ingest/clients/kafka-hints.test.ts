import { expect, test } from 'vitest';
import { kafkaError } from '../../../src/ingest/clients/kafka-errors.ts';
import { hintOf } from '../../../src/ingest/clients/kafka-hints.ts';

test.each([
  ['COORDINATOR_NOT_AVAILABLE', /offsets\.topic\.replication\.factor is larger than the number/],
  ['INCONSISTENT_GROUP_PROTOCOL', /offer one that they have \(assignors\)/],
  ['TOPIC_AUTHORIZATION_FAILED', /needs READ on a topic that it reads/],
  ['PRODUCER_FENCED', /make shorter transactions|an id of its own/],
  ['INVALID_PRODUCER_EPOCH', /Another producer has taken the transactional id over/],
  ['INVALID_TXN_STATE', /nothing was added to it/],
  ['INVALID_PRODUCER_ID_MAPPING', /take the id over again/],
  ['INVALID_TRANSACTION_TIMEOUT', /transaction\.max\.timeout\.ms/],
  ['TRANSACTION_ABORTABLE', /abort it, and do it again/],
  ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', /needs WRITE and DESCRIBE on the transactional id/],
  ['UNRELEASED_INSTANCE_ID', /give each running member one of its own/],
])('%s names the way out', (name, wayOut) => {
  expect(hintOf(name)).toMatch(wayOut);
  expect(kafkaError(name, 'Joining').message).toMatch(wayOut);
});

test('an error that says enough gets no hint', () => {
  expect(hintOf('UNKNOWN_TOPIC_OR_PARTITION')).toBeUndefined();
});
