import { join } from 'node:path';

// The program that is measured is the one built together with the benchmark. To be imported before test/support/program, which reads it.
process.env.METER_PROGRAM ??= join(import.meta.dirname, '..', '..', 'src', 'main.js');
