// Search under load: thread CPU and wall time at 30 % of the run's own closed-loop peak.
//
//   ./dev bench search [ROUNDS]
//
// Each round first finds the closed-loop peak (16 connections), then sends at 30 % of it at fixed times
// (open loop; a latency counts from when the request was due). Thread CPU is what the service's reader
// threads used per search, from its own histogram.
import { Forge } from '../tests/cluster/forge.mjs';
import { load, median, table, writeBodies } from './harness.mjs';
import { fill, generator, word } from './text.mjs';

const rounds = Number(process.argv[2] ?? 7);
const sizes = [5000, 50000];

// Buckets of one classic histogram of /metrics, summed over its label sets.
async function histogram(forge, name) {
  await new Promise((done) => setTimeout(done, 1500));
  const text = await (await fetch(`${forge.url}/metrics`)).text();
  const buckets = new Map();
  for (const [, le, value] of text.matchAll(new RegExp(`^${name}_bucket\\{[^}]*le="([^"]+)"[^}]*\\} (\\S+)`, 'gm')))
    buckets.set(Number(le.replace('+Inf', 'Infinity')), (buckets.get(Number(le.replace('+Inf', 'Infinity'))) ?? 0) + Number(value));
  return buckets;
}

function quantile(before, after, share) {
  const bounds = [...after.keys()].sort((a, b) => a - b);
  const grown = (bound) => after.get(bound) - (before.get(bound) ?? 0);
  const total = grown(Infinity);
  return bounds.find((bound) => grown(bound) >= share * total) * 1e6;
}

for (const entries of sizes) {
  const forge = await Forge.start();
  await fill(forge, entries);
  const random = generator(7);
  const bodies = writeBodies(forge.data, 'queries', 'context_search', Array.from({ length: 2000 }, () => ({
    query: Array.from({ length: 3 + Math.floor(random() * 5) }, () => word(random)).join(' '), limit: 8,
  })));
  const common = { port: forge.port, bodies, connections: 16 };
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    const peak = await load({ ...common, seconds: 2 });
    const before = await histogram(forge, 'forge_context_search_cpu_seconds');
    const paced = await load({ ...common, seconds: 3, rate: Math.max(1, peak.rate * 0.3) });
    const after = await histogram(forge, 'forge_context_search_cpu_seconds');
    if (peak.errors || paced.errors) throw new Error(`${peak.errors + paced.errors} searches failed`);
    runs.push({ peak: peak.rate, rate: paced.rate, p50: paced.p50_us, p99: paced.p99_us,
      cpu50: quantile(before, after, 0.5), cpu99: quantile(before, after, 0.99) });
  }
  const middle = (key) => median(runs.map((run) => run[key]));
  console.log(`\n${entries} entries, median of ${rounds} rounds`);
  table(['peak/s', 'paced/s', 'wall p50 µs', 'wall p99 µs', 'CPU p50 µs ≤', 'CPU p99 µs ≤'],
    [[middle('peak'), middle('rate'), middle('p50'), middle('p99'), middle('cpu50'), middle('cpu99')].map((value) => value.toFixed(0))]);
  await forge.stop();
}
