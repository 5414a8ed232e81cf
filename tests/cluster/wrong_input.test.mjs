// Wrong input gets a clear error; the programs stay alive, and nothing that was saved is lost.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Forge, until } from './forge.mjs';

const json = { 'content-type': 'application/json' };

// Sends raw bytes and gives back all that came until the other side closed (or 3 s).
function raw(target, bytes) {
  return new Promise((done, failed) => {
    const socket = connect(target);
    let answer = '';
    socket.setTimeout(3000, () => socket.destroy());
    socket.on('data', (chunk) => { answer += chunk.toString('latin1'); });
    socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : failed(error)));
    socket.on('close', () => done(answer));
    socket.write(bytes);
  });
}

describe('wrong input', () => {
  let forge;
  let saved;
  before(async () => {
    forge = await Forge.start();
    saved = await forge.tool('context_save', { content: 'Wrong input leaves this alone.' });
  });
  after(async () => {
    assert.equal((await forge.tool('context_get', { ids: [saved.id] })).entries[0].content, 'Wrong input leaves this alone.');
    await forge.stop();
  });

  const post = (body, headers = json) => fetch(forge.mcp, { method: 'POST', headers, body });

  test('malformed JSON', async () => {
    for (const body of ['', '{', '{"jsonrpc":"2.0","id":1,"method":"ping"', '{"a":1,}', 'nonsense', '[1,2', '{"id":1,"id":2}']) {
      const response = await post(body);
      assert.equal(response.status, 400, body);
      const { error } = await response.json();
      assert.ok([-32700, -32600].includes(error.code), `${body}: ${error.code}`);
      assert.ok(error.message.length > 10);
    }
  });

  test('invalid UTF-8', async () => {
    const response = await post(Buffer.from([...Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), 0xff, 0xc0, ...Buffer.from('"}')]));
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.code, -32700);
  });

  test('a body of 5 MB is refused before it is read', async () => {
    const response = await post('x'.repeat(5 << 20)).catch((error) => error);
    if (response instanceof Response) assert.equal(response.status, 413);
    const answer = await raw(forge.port, `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${5 << 20}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 413 /);
  });

  test('unknown tools, wrong types and ranges, unknown arguments', async () => {
    assert.equal((await forge.rpc('tools/call', { name: 'context_explode', arguments: {} })).error.code, -32602);
    await assert.rejects(forge.tool('context_save', { content: 7 }), /content/);
    await assert.rejects(forge.tool('context_save', { content: 'x'.repeat(300 * 1024) }), /content/);
    await assert.rejects(forge.tool('context_save', { content: 'x', tags: 'not-a-list' }), /tags/);
    await assert.rejects(forge.tool('context_search', { query: 'x', limit: 100000 }), /limit/);
    await assert.rejects(forge.tool('context_search', { query: 'x', limits: 3 }), /limit/);
    await assert.rejects(forge.tool('context_get', { ids: ['not-an-id'] }), /id/);
    await assert.rejects(forge.tool('context_forget', {}), /ids|filter/);
    await assert.rejects(forge.tool('session_end', { session: 'nobody', outcome: 'x' }), /session/i);
  });

  const head = (lines) => `POST /mcp HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  const host = 'Host: 127.0.0.1';
  const smuggling = {
    'both lengths': head([host, 'Content-Length: 5', 'Transfer-Encoding: chunked']),
    'two Content-Lengths': head([host, 'Content-Length: 5', 'Content-Length: 6']),
    'a blank before the colon': head([host, 'Content-Length : 5']),
    'chunked': head([host, 'Transfer-Encoding: chunked']),
    'an unknown coding': head([host, 'Transfer-Encoding: xchunked']),
    'a signed length': head([host, 'Content-Length: +5']),
    'a hexadecimal length': head([host, 'Content-Length: 0x5']),
    'a list of lengths': head([host, 'Content-Length: 5, 5']),
    'a huge length': head([host, 'Content-Length: 9223372036854775808']),
    'a folded header': head([host, 'Content-Length: 5', ' folded: 1']),
    'a bare line feed': `POST /mcp HTTP/1.1\n${host}\nContent-Length: 5\n\n`,
    'no Host': head(['Content-Length: 5']),
    'two Hosts': head([host, 'Host: localhost', 'Content-Length: 5']),
    'HTTP/0.9': 'GET /livez\r\n\r\n',
    'HTTP/9.9': `GET /livez HTTP/9.9\r\n${host}\r\n\r\n`,
    'a NUL in a name': head([host, 'X\0Y: 1']),
    'a blank in a name': head([host, 'X Y: 1']),
    'Upgrade': head([host, 'Upgrade: h2c', 'Connection: Upgrade']),
    'a 40 KB header': head([host, `X: ${'a'.repeat(40000)}`]),
    '2,000 headers': head([host, ...Array.from({ length: 2000 }, (_, i) => `X-${i}: 1`)]),
  };
  for (const [name, bytes] of Object.entries(smuggling))
    test(`smuggling: ${name} is refused and nothing behind it runs`, async () => {
      const answer = await raw(forge.port, `${bytes}helloGET /livez HTTP/1.1\r\n${host}\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.[01] [45]\d\d /, answer.slice(0, 200));
      assert.equal(answer.match(/HTTP\/1\.[01] \d\d\d /g).length, 1, answer.slice(0, 400));
    });

  test('a foreign page is kept out', async () => {
    assert.equal((await post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', { ...json, origin: 'http://evil.example' })).status, 403);
    assert.match(await raw(forge.port, 'GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 403 /);
    for (const type of ['application/x-www-form-urlencoded', 'text/plain'])
      assert.equal((await post('{}', { 'content-type': type })).status, 415);
  });

  test('garbage and truncated frames on the services\' sockets', async () => {
    for (const name of ['context', 'metrics', 'backup']) {
      const path = join(forge.data, 'run', `${name}.sock`);
      assert.ok(statSync(path).isSocket());
      // A ZMTP 3.0 greeting and READY as a DEALER sends them, then messages that are none of ours.
      const greeting = Buffer.alloc(64);
      greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]);
      greeting.write('NULL', 12, 'latin1');
      const property = Buffer.concat([Buffer.from('\x0bSocket-Type', 'latin1'), Buffer.from([0, 0, 0, 6]), Buffer.from('DEALER')]);
      const ready = Buffer.concat([Buffer.from('\x05READY', 'latin1'), property]);
      const frame = (body, flags = 0) => Buffer.concat([Buffer.from([flags, body.length]), body]);
      const messages = [Buffer.alloc(0), Buffer.from('GET / HTTP/1.1'), Buffer.alloc(200, 0xff), Buffer.from([1])];
      await Promise.all([
        raw(path, Buffer.from('complete nonsense '.repeat(100))),
        raw(path, greeting.subarray(0, 30)),
        raw(path, Buffer.concat([greeting, frame(ready, 4), ...messages.map((body) => frame(body)), frame(Buffer.from('x'), 1)])),
      ]);
    }
    assert.equal((await (await fetch(`${forge.url}/health`)).json()).status, 'healthy');
  });
});

const isRoot = process.getuid() === 0;
test('a full disk: saves are refused in clear words, reads go on, and room brings saves back',
  { skip: !isRoot && 'mounting a small file system needs root' }, async () => {
    const data = mkdtempSync(join(tmpdir(), 'forge-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', data]);
    let forge;
    try {
      mkdirSync(join(data, 'run'));
      forge = await Forge.start({ data });
      const saved = [];
      const filler = join(data, 'filler');
      let refusal;
      for (let i = 0; i < 400 && !refusal; i++) {
        try {
          saved.push([(await forge.tool('context_save', { content: `${i} ${'full '.repeat(20000)}` })).id, i]);
        } catch (error) { refusal = error; }
        if (i === 20) spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M', 'count=200']);
      }
      assert.ok(refusal, 'a full disk refuses saves');
      assert.match(refusal.message, /disk|space|full/i);
      for (const [id, i] of saved)
        assert.ok((await forge.tool('context_get', { ids: [id], max_tokens: 200 })).entries[0].content.startsWith(`${i} `));
      await until('health says why', async () => {
        const { modules } = await (await fetch(`${forge.url}/health`)).json();
        return modules.context.state !== 'ok' && /disk|space/i.test(modules.context.reason);
      });
      rmSync(filler);
      await until('saves work again', () => forge.tool('context_save', { content: 'Room again.' }));
    } finally {
      await forge?.stop();
      execFileSync('umount', ['-l', data]);
      rmSync(data, { recursive: true, force: true });
    }
  });
