/**
 * The package's own directory: where dist/, lab/ and configs/ are. Two levels up from src/cluster as from dist/bundle.
 */
import { join } from 'node:path';

export const packageRoot = join(import.meta.dirname, '..', '..');
