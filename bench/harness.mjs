// What the benchmarks share: CPU time of processes, medians, tables, and the load programs.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bin } from '../tests/cluster/forge.mjs';

const run = promisify(execFile);

// CPU seconds that all threads of a process used so far, in nanosecond resolution.
export function cpuSeconds(pid) {
  let sum = 0;
  for (const task of readdirSync(`/proc/${pid}/task`))
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    } catch { /* the thread ended */ }
  return sum / 1e9;
}

export const cpuOf = (pids) => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export function table(head, rows) {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  for (const row of cells) console.log(row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  '));
}

// Bodies for tools/call, a line each, into a file of the test's folder.
export function writeBodies(folder, name, tool, argumentsList) {
  const file = join(folder, name);
  writeFileSync(file, argumentsList.map((args, i) => JSON.stringify({
    jsonrpc: '2.0', id: i, method: 'tools/call', params: { name: tool, arguments: args },
  })).join('\n') + '\n');
  return file;
}

// Our own load program (bench/load.c): closed loop, or open loop at a rate.
export async function load({ port, path = '/mcp', bodies, connections, seconds, rate }) {
  const { stdout } = await run(join(bin, 'load'), [port, path, bodies, connections, seconds, ...(rate ? [rate] : [])].map(String));
  return JSON.parse(stdout);
}

// wrk with one fixed body; its own CPU from the shell's account of its children.
export async function wrk({ port, path = '/mcp', body, connections, seconds, folder }) {
  const script = join(folder, 'post.lua');
  writeFileSync(script, `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [==[${body}]==]\n`);
  const { stdout } = await run('bash', ['-c',
    `wrk -t2 -c${connections} -d${seconds}s --latency -s ${script} http://127.0.0.1:${port}${path}; times`]);
  const requests = Number(/(\d+) requests in/.exec(stdout)[1]);
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  const [minutes, secs, sysMinutes, sysSecs] = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout).slice(1).map(Number);
  return { requests, bad, rate: requests / seconds, cpu: minutes * 60 + secs + sysMinutes * 60 + sysSecs,
    p50: /50%\s+(\S+)/.exec(stdout)[1], p99: /99%\s+(\S+)/.exec(stdout)[1] };
}
