import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../docs/snippets.ts';
import { root } from '../house/source-tree.ts';
import { sharedBrokers } from './cluster.ts';

/** What each example on a broker prints, among other things. */
const PRINTS: Readonly<Record<string, readonly RegExp[]>> = {
  // 10,000 orders of 0 to 124.75 for 1 to 9 pieces: a plain loop counts 2,232 above 500.
  'json-etl.ts': [
    /^10000 orders read, 2232 large ones written$/m,
    /^offset 0, key (customer-\d+): \{"id":\d+,"customer":"\1","total":\d+(\.\d+)?\}$/m,
  ],
  'bulk-producer.ts': [/^100000 stored, 0 failed, \d+ batches$/m, /^\d+\.\d\d s$/m],
  'from-kafkajs.ts': [/^99 large orders by message$/m, /^99 large orders by batch$/m],
  'order-to-shipment.ts': [
    /^500 orders, 400 shipments, 100 without an amount$/m,
    new RegExp(
      '^key (\\d+): {"shipment_id":"ship-\\1","order_id":"\\1",' +
        '"customer_id":"customer-\\d+","status":"pending","created_at":"\\d{4}-[^"]+Z"}$',
      'm',
    ),
  ],
  'orders-by-message.ts': [
    /^1000 orders sent, the last to partition [012]$/m,
    /^1000 orders read, worth 500000$/m,
  ],
  'publish-subscribe.ts': [
    /^1000 received, the last message_999$/m,
    /^10000 messages in \d+\.\d\d s: \d+\/s$/m,
  ],
  'stream-api.ts': [/│ 'roof' │ 70\.7 /, /│ 'roof' │ 86 /, /^6 readings, the highest 30 °C$/m],
  'switching-clients.ts': [
    /^@platformatic\/kafka \d+\.\d+\.\d+: 180 of 1000 readings are above 40 °C$/m,
    /^kafkajs 2\.2\.4: 180 of 1000 readings are above 40 °C$/m,
  ],
  'three-members.ts': [
    /^member 0 has 2 partitions\nmember 1 has 2 partitions\nmember 2 has 2 partitions$/m,
    /^200 \+ 200 \+ 200 = 600 messages$/m,
  ],
};

test('every example is run here or without a broker', () => {
  const examples = globSync('examples/*.ts', { cwd: root }).map((path) => path.split('/')[1]);
  const run = [...Object.keys(PRINTS), 'arrow-without-kafka.ts'];
  expect(examples.sort()).toEqual(run.sort());
});

test.for(Object.entries(PRINTS))('examples/%s', async ([file, expected]) => {
  const args = ['--brokers', sharedBrokers().join(',')];
  const { code, stdout, stderr } = await runProgram(join(root, 'examples', file), args);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  for (const pattern of expected) expect(stdout).toMatch(pattern);
});
