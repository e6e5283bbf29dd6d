import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/errors.ts';

test('docs/errors.md says of every code what the code says, and what to do', () => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)].map(([, code, cells]) => {
    const [domain, retry, meaning, advice] = cells!.split(' | ');
    expect(advice, `${code} needs advice`).toMatch(/\S\.$/);
    return [code, [domain, retry, meaning]];
  });
  expect(rows).toEqual(Object.entries(ERROR_CODES).map(([code, about]) => [code, [...about]]));
});
