import { expect, test } from 'vitest';
import { type ClusterLayout, nodeConfig, nodeFolder } from '../../src/testing/node-config.ts';

const three: ClusterLayout = {
  clusterId: 'AAAAAAAAAAAAAAAAAAAAAA',
  brokerPorts: [20_001, 20_002, 20_003],
  controllerPorts: [20_011, 20_012, 20_013],
  folder: '/tmp/cluster',
};

function settings(text: string): Map<string, string> {
  const lines = text.trimEnd().split('\n');
  return new Map(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
}

test('each node knows all voters and listens on its own ports', () => {
  const second = settings(nodeConfig(three, 1, {}));
  expect(second.get('node.id')).toBe('2');
  expect(second.get('controller.quorum.voters')).toBe(
    '1@127.0.0.1:20011,2@127.0.0.1:20012,3@127.0.0.1:20013',
  );
  expect(second.get('listeners')).toBe('PLAINTEXT://127.0.0.1:20002,CONTROLLER://127.0.0.1:20012');
  expect(second.get('advertised.listeners')).toBe('PLAINTEXT://127.0.0.1:20002');
  expect(second.get('log.dirs')).toBe('/tmp/cluster/node-2/data');
});

test('internal topics are on every node', () => {
  const first = settings(nodeConfig(three, 0, {}));
  expect(first.get('offsets.topic.replication.factor')).toBe('3');
  expect(first.get('transaction.state.log.min.isr')).toBe('2');
});

test('the caller’s settings win, and each key is there once', () => {
  const text = nodeConfig(three, 0, {
    config: { 'num.partitions': 7, 'message.max.bytes': 8_000_000 },
  });
  expect(settings(text).get('num.partitions')).toBe('7');
  expect(settings(text).get('message.max.bytes')).toBe('8000000');
  expect(text.match(/^num\.partitions=/gm)).toHaveLength(1);
});

test('values keep their backslashes, line ends and leading blanks', () => {
  const text = nodeConfig(three, 0, { config: { a: 'C:\\new', b: 'one\ntwo', c: ' x' } });
  expect(text).toContain('a=C:\\\\new\nb=one\\ntwo\nc=\\ x\n');
});

test('folders count from 1, as node ids do', () => {
  expect(nodeFolder(three, 0)).toBe('/tmp/cluster/node-1');
});
