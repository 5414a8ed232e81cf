// Durable saves with 1 and with 64 clients, against LevelDB batches of the same keys and bytes.
//
//   ./dev bench save [ROUNDS] [SECONDS]
//
// raw_batches (bench/raw_batches.c) writes what a save writes (as many keys, as many bytes), 64 saves to
// a synced batch, on the same disk, in turn with ours. Acknowledgements per sync come from the service.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Forge, bin } from '../tests/cluster/forge.mjs';
import { load, median, table, writeBodies } from './harness.mjs';
import { generator, note } from './text.mjs';

const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 3);
const run = promisify(execFile);

async function counter(forge, name) {
  await new Promise((done) => setTimeout(done, 1500));
  const text = await (await fetch(`${forge.url}/metrics`)).text();
  return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
}

const forge = await Forge.start();
const random = generator(3);
let serial = 0;
const bodiesFor = () => writeBodies(forge.data, 'saves', 'context_save',
  Array.from({ length: 60000 }, () => ({ content: `${serial++}: ${note(random)}`, kind: 'note' })));

const runs = { 1: [], 64: [] };
const raw = [];
let keys = 0;
let bytes = 0;
for (let round = 0; round < rounds; round++) {
  for (const connections of [1, 64]) {
    const bodies = bodiesFor();
    const [saves, syncs, put, size] = await Promise.all(['forge_context_saves_total', 'forge_store_batch_writes_count',
      'forge_store_written_rows_total', 'forge_store_written_bytes_total'].map((name) => counter(forge, name)));
    const figures = await load({ port: forge.port, bodies, connections, seconds });
    if (figures.errors) throw new Error(`${figures.errors} saves failed`);
    const [saves2, syncs2, put2, size2] = await Promise.all(['forge_context_saves_total', 'forge_store_batch_writes_count',
      'forge_store_written_rows_total', 'forge_store_written_bytes_total'].map((name) => counter(forge, name)));
    keys = (put2 - put) / (saves2 - saves);
    bytes = (size2 - size) / (saves2 - saves);
    runs[connections].push({ rate: figures.rate, p50: figures.p50_us, p99: figures.p99_us, perSync: (saves2 - saves) / (syncs2 - syncs) });
  }
  const folder = mkdtempSync(join(tmpdir(), 'forge-raw-'));
  const { stdout } = await run(join(bin, 'raw_batches'), [folder, Math.round(keys), Math.round(bytes), 64, seconds].map(String));
  raw.push(JSON.parse(stdout).saves_per_second);
  rmSync(folder, { recursive: true, force: true });
}

console.log(`a save writes ${keys.toFixed(1)} keys and ${bytes.toFixed(0)} bytes; ${rounds} rounds of ${seconds} s`);
table(['clients', 'saves/s', 'p50 µs', 'p99 µs', 'acks per sync', 'ratio to raw batches (min-max)'],
  [1, 64].map((connections) => {
    const middle = (key) => median(runs[connections].map((one) => one[key]));
    const ratios = runs[connections].map((one, i) => one.rate / raw[i]);
    return [connections, middle('rate').toFixed(0), middle('p50').toFixed(0), middle('p99').toFixed(0), middle('perSync').toFixed(1),
      `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`];
  }));
console.log(`raw LevelDB, 64 saves a synced batch: ${median(raw).toFixed(0)} saves/s`);
await forge.stop();
