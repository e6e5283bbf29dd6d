/**
 * Writes docs/configuration.md from the types of the options, their docstrings and defaults, the
 * table of names and the presets.
 *
 *   node tools/generate-configuration.ts
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptionTypes } from './configuration/option-types.ts';
import { referencePage } from './configuration/reference.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
writeFileSync(join(root, 'docs', 'configuration.md'), referencePage(readOptionTypes(root)));
