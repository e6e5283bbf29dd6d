/** When each batch that an engine wrote was acknowledged, as its process saw it. */
import type { KafkaClient } from '../../src/ingest/client.ts';
import { nowUs } from './paced-orders.ts';

/** Of every batch its partition, first offset and time in µs: plain data, three numbers each. */
export type Acknowledgements = readonly number[];

const FIELDS = 3;

/** Makes a client note what becomes of its produce requests, in the list that is returned. */
export function noteAcknowledgements(client: KafkaClient): Acknowledgements {
  const noted: number[] = [];
  const produce = client.produce.bind(client);
  client.produce = async (request) => {
    const results = await produce(request);
    const atUs = nowUs();
    for (const { partition, baseOffset, error } of results) {
      if (error === undefined) noted.push(partition, Number(baseOffset), atUs);
    }
    return results;
  };
  return noted;
}

const keyOf = (partition: number, offset: bigint | number) => `${partition}/${offset}`;

/** Looks up by partition and first offset of a batch; `undefined` where it is not acknowledged. */
export function acknowledgedAt(
  noted: Acknowledgements,
): (partition: number, offset: bigint) => number | undefined {
  const times = new Map<string, number>();
  for (let i = 0; i < noted.length; i += FIELDS) {
    times.set(keyOf(noted[i]!, noted[i + 1]!), noted[i + 2]!);
  }
  return (partition, offset) => times.get(keyOf(partition, offset));
}
