import { expect, test } from 'vitest';
import { meantName, nearestName } from '../src/nearest-name.ts';

test.each([
  ['int46', 'int64'],
  ['partitons', 'partitions'],
  ['TOPIC', 'topic'],
  ['xyz', 'int32'],
])('%s is nearest to %s', (name, nearest) => {
  expect(nearestName(name, ['int32', 'int64', 'topic', 'partitions'])).toBe(nearest);
});

test('of equals, the one that begins alike is meant', () => {
  expect(meantName('ack', ['rack', 'acks'])).toBe("did you mean 'acks'?");
  expect(meantName('ack', ['acks', 'rack'])).toBe("did you mean 'acks'?");
});

test.each([
  ['partitons', "did you mean 'partitions'?"],
  ['topcis', "did you mean 'topic'?"],
  ['ssl', 'it has acks, topic, partitions'],
  ['keepAlive', 'it has acks, topic, partitions'],
])('%s: %s', (name, text) => {
  expect(meantName(name, ['acks', 'topic', 'partitions'])).toBe(text);
});
