// How much memory and time it takes: 5,000 entries, then RSS of the one process and the PSS of the four,
// and the time from start to ready.
//
//   ./dev bench footprint [ENTRIES]
import { readFileSync } from 'node:fs';
import { Forge } from '../tests/cluster/forge.mjs';
import { median, table } from './harness.mjs';
import { fill } from './text.mjs';

const entries = Number(process.argv[2] ?? 5000);

function memory(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (text, name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]) / 1024;
  return { rss: mb(rollup, 'Rss'), pss: mb(rollup, 'Pss'), anonymous: mb(status, 'RssAnon') };
}

async function startToReady(embedded, data) {
  const times = [];
  for (let i = 0; i < 7; i++) {
    const begin = performance.now();
    const forge = await Forge.start({ embedded, data });
    times.push(performance.now() - begin);
    await forge.stop();
  }
  return median(times);
}

for (const embedded of [true, false]) {
  const forge = await Forge.start({ embedded });
  await fill(forge, entries);
  await forge.tool('context_search', { query: 'connection timeout in the parser' });
  const rows = forge.programs.map((program) => ({ program, ...memory(forge.pid(program)) }));
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  console.log(`\n${embedded ? 'one process' : 'four processes'}, ${entries} entries, after loading and one search (MB)`);
  table(['program', 'RSS', 'PSS', 'anonymous'], [...rows, { program: 'sum', rss: sum('rss'), pss: sum('pss'), anonymous: sum('anonymous') }]
    .map((row) => [row.program, row.rss.toFixed(1), row.pss.toFixed(1), row.anonymous.toFixed(1)]));
  await forge.killAll('SIGTERM');
  const ready = await startToReady(embedded, forge.data);
  console.log(`start to ready with these entries, polled every 20 ms: ${ready.toFixed(0)} ms (median of 7)`);
  await forge.stop();
}
