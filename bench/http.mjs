// The full path against a static web server: tools/call context_get, 64 connections, interleaved with
// nginx that returns a reply of the same size, same machine, same run.
//
//   ./dev bench http [ROUNDS] [SECONDS]
//
// The ratio is CPU-normalised: (nginx's CPU + wrk's CPU) / (ours + wrk's CPU), per request. That is the
// ratio of throughputs on a machine whose cores servers and wrk share and saturate, and neighbours on
// the machine disturb it little. Shown is the median of the rounds' own ratios.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Forge, freePort, until } from '../tests/cluster/forge.mjs';
import { cpuOf, median, table, wrk } from './harness.mjs';

const rounds = Number(process.argv[2] ?? 7);
const seconds = Number(process.argv[3] ?? 2);
const connections = 64;
const folder = mkdtempSync(join(tmpdir(), 'forge-bench-'));
const note = 'We chose LevelDB behind a single writer because one synced batch serves many saves. '.repeat(4);

// Bytes of one whole answer, head included.
async function answerBytes(port, body) {
  const request = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
  return new Promise((done, failed) => {
    let bytes = 0;
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (chunk) => { bytes += chunk.length; });
    socket.on('error', failed);
    socket.on('close', () => done(bytes));
  });
}

async function startNginx(replyBytes) {
  const port = await freePort();
  // nginx's own head takes about 150 bytes; the body fills the rest.
  const body = 'x'.repeat(Math.max(1, replyBytes - 150));
  const conf = join(folder, 'nginx.conf');
  writeFileSync(conf, `daemon off; worker_processes 2; pid ${folder}/nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; default_type application/json;
  server { listen 127.0.0.1:${port} reuseport; location / { return 200 "${body}"; } } }\n`);
  const master = spawn('nginx', ['-c', conf], { stdio: ['ignore', 'inherit', 'inherit'] });
  await until('nginx', async () => (await fetch(`http://127.0.0.1:${port}/`)).ok);
  const workers = readFileSync(`/proc/${master.pid}/task/${master.pid}/children`, 'utf8').trim().split(' ').map(Number);
  return { name: 'nginx', port, pids: [master.pid, ...workers], stop: () => master.kill('SIGQUIT') };
}

async function startForge(name, { embedded = false, tcp = false, coalescing = true } = {}) {
  const environment = {};
  if (tcp)
    for (const service of ['CONTEXT', 'METRICS', 'BACKUP'])
      environment[`FORGE_${service}_ENDPOINT`] = `tcp://127.0.0.1:${await freePort()}`;
  if (!coalescing) environment.FORGE_COALESCING = 'false';
  const forge = await Forge.start({ embedded, environment });
  const { id } = await forge.tool('context_save', { content: note, title: 'Why one writer', tags: ['bench', 'storage'] });
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'context_get', arguments: { ids: [id] } } });
  return { name, port: forge.port, body, pids: forge.programs.map((program) => forge.pid(program)), stop: () => forge.stop() };
}

const targets = [
  await startForge('embedded', { embedded: true }),
  await startForge('ipc'),
  await startForge('tcp', { tcp: true }),
  await startForge('ipc, no coalescing', { coalescing: false }),
  await startForge('tcp, no coalescing', { tcp: true, coalescing: false }),
];
const bytes = await answerBytes(targets[0].port, targets[0].body);
targets.unshift({ ...(await startNginx(bytes)), body: targets[0].body });
console.log(`reply ${bytes} bytes, ${connections} connections, ${rounds} rounds of ${seconds} s\n`);

const results = new Map(targets.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round++)
  for (const target of round % 2 ? [...targets].reverse() : targets) {
    const before = cpuOf(target.pids);
    const figures = await wrk({ port: target.port, body: target.body, connections, seconds, folder });
    if (figures.bad) throw new Error(`${target.name}: ${figures.bad} answers were not 2xx`);
    const server = cpuOf(target.pids) - before;
    results.get(target.name).push({ ...figures, serverUs: (server / figures.requests) * 1e6, wrkUs: (figures.cpu / figures.requests) * 1e6 });
  }

table(['topology', 'req/s', 'server µs/req', 'wrk µs/req', 'p50', 'p99', 'CPU-normalised ratio (min-max)'],
  targets.map(({ name }) => {
    const runs = results.get(name);
    const ratios = runs.map((one, i) => {
      const nginx = results.get('nginx')[i];
      return (nginx.serverUs + nginx.wrkUs) / (one.serverUs + one.wrkUs);
    });
    const middle = (key) => median(runs.map((one) => one[key]));
    const by50 = [...runs].sort((a, b) => a.rate - b.rate)[runs.length >> 1];
    return [name, middle('rate').toFixed(0), middle('serverUs').toFixed(2), middle('wrkUs').toFixed(2), by50.p50, by50.p99,
      `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`];
  }));

for (const target of targets) await target.stop();
rmSync(folder, { recursive: true, force: true });
