// A context-forge of a test's own: the real programs on free loopback ports in a temporary folder.
//
//   const forge = await Forge.start({ embedded: false });
//   await forge.tool('context_save', { content: 'x' });
//   forge.kill('context-svc'); await forge.launch('context-svc');
//   await forge.stop();
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, readFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, '../..');
export const bin = resolve(process.env.FORGE_BIN ?? join(root, 'build/dev/bin'));
export const services = ['context-svc', 'metrics-svc', 'backup-svc'];

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export async function until(what, check, limitMs = 15000) {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await check().catch(() => undefined);
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await sleep(20);
  }
}

export class Forge {
  static async start({ embedded = false, args = {}, environment = {}, data } = {}) {
    const forge = new Forge();
    forge.embedded = embedded;
    forge.args = args;
    forge.environment = environment;
    forge.ownsData = !data;
    forge.data = data ?? mkdtempSync(join(tmpdir(), 'forge-'));
    mkdirSync(join(forge.data, 'run'), { recursive: true });
    mkdirSync(join(forge.data, 'log'), { recursive: true });
    forge.port = await freePort();
    forge.adminPort = await freePort();
    forge.processes = new Map();
    await forge.launchAll();
    return forge;
  }

  get url() { return `http://127.0.0.1:${this.port}`; }
  get mcp() { return `${this.url}/mcp`; }
  get admin() { return `http://127.0.0.1:${this.adminPort}`; }
  get programs() { return this.embedded ? ['mcp_server'] : [...services, 'mcp_server']; }

  async launchAll() {
    for (const program of this.programs) this.spawn(program);
    await this.ready();
  }

  spawn(program) {
    const args = ['--data-dir', this.data, '--log-file', join(this.data, 'log', `${program}.log`)];
    if (program === 'mcp_server') {
      args.push('--port', this.port, '--admin-port', this.adminPort);
      args.push('--access-log', join(this.data, 'log', 'access.log'));
      if (this.embedded) args.push('--embedded');
    }
    args.push(...(this.args[program] ?? []));
    const child = spawn(join(bin, program), args.map(String), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.environment },
    });
    child.output = '';
    child.stdout.on('data', (bytes) => { child.output += bytes; });
    child.stderr.on('data', (bytes) => { child.output += bytes; });
    child.ended = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
    this.processes.set(program, child);
    return child;
  }

  // Starts one program again and waits until a save would be served.
  async launch(program) {
    this.spawn(program);
    await this.ready();
  }

  async ready() {
    try {
      await until('ready', async () => (await fetch(`${this.url}/readyz?for=write`)).status === 200);
    } catch (error) {
      throw new Error(`${error.message}\n${this.logs()}`);
    }
  }

  pid(program) { return this.processes.get(program).pid; }

  async kill(program, signal = 'SIGKILL') {
    const child = this.processes.get(program);
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return child.ended;
  }

  async killAll(signal = 'SIGKILL') {
    for (const child of this.processes.values()) child.kill(signal);
    return Promise.all([...this.processes.values()].map((child) => child.ended));
  }

  logs() {
    let text = '';
    for (const [program, child] of this.processes) {
      let log = '';
      try { log = readFileSync(join(this.data, 'log', `${program}.log`), 'utf8'); } catch { }
      text += `--- ${program}\n${log.slice(-3000)}${child.output.slice(-3000)}\n`;
    }
    return text;
  }

  // Ends everything; a program that a sanitizer stopped, or that did not end well, fails the test.
  async stop() {
    const alive = [...this.processes].filter(([, child]) => child.exitCode === null && child.signalCode === null);
    for (const [, child] of alive.reverse()) child.kill('SIGTERM');
    const bad = [];
    for (const [program, child] of alive) {
      const late = sleep(15000).then(() => child.kill('SIGKILL'));
      const { code, signal } = await child.ended;
      if (code !== 0) bad.push(`${program} ended with ${code ?? signal}\n${child.output}`);
      void late;
    }
    for (const [program, child] of this.processes)
      if (/ERROR: \w+Sanitizer|runtime error:/.test(child.output)) bad.push(`${program}:\n${child.output}`);
    if (this.ownsData) rmSync(this.data, { recursive: true, force: true });
    if (bad.length) throw new Error(bad.join('\n'));
  }

  // One legacy, stateless JSON-RPC request, as the runbook's curl line sends it.
  async rpc(method, params, headers = {}) {
    const response = await fetch(this.mcp, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params ? { params } : {}) }),
    });
    return response.json();
  }

  // A tool's structured result; throws with the tool's own words when it is an error.
  async tool(name, args = {}, headers = {}) {
    const { result, error } = await this.rpc('tools/call', { name, arguments: args }, headers);
    if (error) throw new Error(`${error.code} ${error.message}`);
    if (result.isError) throw new Error(result.content[0].text);
    return result.structuredContent ?? JSON.parse(result.content[0].text);
  }

  rss(program) {
    const status = readFileSync(`/proc/${this.pid(program)}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024;
  }

  forgectl(...args) {
    return execFileSync(join(bin, 'forgectl'), args.map(String), {
      env: { ...process.env, FORGE_URL: this.admin, FORGE_MCP_URL: this.mcp },
      encoding: 'utf8',
    });
  }
}
