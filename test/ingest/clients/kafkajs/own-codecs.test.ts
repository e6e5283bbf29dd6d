import { expect, test } from 'vitest';
import {
  addCodecs,
  type OwnCodec,
  type OwnCodecs,
} from '../../../../src/ingest/clients/kafkajs/own-codecs.ts';

class NotImplemented extends Error {
  override readonly name = 'KafkaJSNotImplemented';
}
const notImplemented = () => {
  throw new NotImplemented();
};

function table(codecs: OwnCodecs): OwnCodecs {
  expect(addCodecs(() => ({ Codecs: codecs }))).toBe(true);
  return codecs;
}

test('fills the places of those that kafkajs has not', async () => {
  const codecs = table({ 2: notImplemented, 3: notImplemented, 4: notImplemented });
  const records = Buffer.from('abc'.repeat(50_000));
  for (const id of [1, 2, 3, 4]) {
    const codec = codecs[id]!() as OwnCodec;
    const packed = await codec.compress({ buffer: records });
    expect(packed.length).toBeLessThan(records.length / 2);
    expect(records.equals(await codec.decompress(Buffer.from(packed)))).toBe(true);
  }
});

test('leaves what is there, though it fails', () => {
  const gzip = () => ({});
  const broken = () => {
    throw new TypeError('a codec of somebody');
  };
  const codecs = table({ 1: gzip, 2: broken, 3: notImplemented, 4: notImplemented });
  expect(codecs[1]).toBe(gzip);
  expect(codecs[2]).toBe(broken);
  expect(codecs[3]).not.toBe(notImplemented);
});

test('damaged records are a damaged batch', async () => {
  const codecs = table({ 2: notImplemented, 3: notImplemented, 4: notImplemented });
  for (const id of [1, 2, 3, 4]) {
    const codec = codecs[id]!() as OwnCodec;
    await expect(codec.decompress(Buffer.from('not of that kind'))).rejects.toMatchObject({
      code: 'CORRUPT_BATCH',
    });
  }
});

test('a kafkajs without a table is told apart', () => {
  expect(addCodecs(() => ({}))).toBe(false);
});
