import { describe, expect, it } from 'vitest';
import { readStartOptions } from '../../../src/cli/start/options.ts';

describe('readStartOptions', () => {
  it('has a default for everything', () => {
    expect(readStartOptions([])).toEqual({
      messages: 1_000_000,
      partitions: 4,
      compression: 'none',
      client: 'auto',
      brokers: undefined,
      help: false,
    });
  });

  it('reads what is given', () => {
    const args = [
      '--messages',
      '5_000',
      '--partitions=12',
      '--compression',
      'zstd',
      '--client=kafkajs',
    ];
    expect(readStartOptions([...args, '--brokers', 'a:1,b:2', '-h'])).toEqual({
      messages: 5_000,
      partitions: 12,
      compression: 'zstd',
      client: 'kafkajs',
      brokers: 'a:1,b:2',
      help: true,
    });
  });

  it.each([
    [['--messages', '0'], '--messages is "0"'],
    [['--messages', '1e6'], '--messages is "1e6"'],
    [['--partitions', '1001'], 'from 1 to 1000'],
    [['--client', 'kafka-node'], 'choose auto, platformatic, kafkajs'],
    [['--compression', 'brotli'], 'choose none, gzip, snappy, lz4, zstd'],
    [['--mesages', '1'], 'no option --mesages; did you mean --messages?'],
    [['extra'], 'millrace start takes no argument "extra"'],
  ])('refuses %j and says what would work', (args, message) => {
    expect(() => readStartOptions(args)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(message),
      }),
    );
  });
});
