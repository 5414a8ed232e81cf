// What was acknowledged is there, whatever was killed; what is not dead still answers.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Forge, until } from './forge.mjs';

const parallelSaves = 100;

for (const embedded of [false, true]) {
  const where = embedded ? 'one process' : 'four processes';

  test(`${where}: parallel saves that were acknowledged survive kill -9 of everything`, async () => {
    const forge = await Forge.start({ embedded });
    try {
      const saved = await Promise.all(Array.from({ length: parallelSaves }, (_, i) =>
        forge.tool('context_save', { content: `Parallel fact number ${i} about otters`, tags: ['parallel'] })));
      assert.equal(new Set(saved.map((entry) => entry.id)).size, parallelSaves);

      await forge.killAll('SIGKILL');
      await forge.launchAll();

      for (const [i, { id }] of saved.entries()) {
        const { entries } = await forge.tool('context_get', { ids: [id] });
        assert.equal(entries[0]?.content, `Parallel fact number ${i} about otters`);
      }
      const found = await forge.tool('context_search', { query: 'otters fact number 42', limit: 5 });
      assert.ok(found.hits.some((hit) => hit.id === saved[42].id));
    } finally {
      await forge.stop();
    }
  });

  test(`${where}: saves under way when everything is killed are either there or were never acknowledged`, async () => {
    const forge = await Forge.start({ embedded });
    try {
      const acknowledged = [];
      let stop = false;
      const writer = async (number) => {
        for (let i = 0; !stop; i++) {
          try {
            const { id } = await forge.tool('context_save', { content: `Writer ${number} fact ${i}` });
            acknowledged.push([id, `Writer ${number} fact ${i}`]);
          } catch { return; }
        }
      };
      const writers = Array.from({ length: 16 }, (_, number) => writer(number));
      await until('some acknowledgements', async () => acknowledged.length > 200);
      await forge.killAll('SIGKILL');
      stop = true;
      await Promise.all(writers);
      await forge.launchAll();

      for (let at = 0; at < acknowledged.length; at += 20) {
        const page = acknowledged.slice(at, at + 20);
        const { entries } = await forge.tool('context_get', { ids: page.map(([id]) => id) });
        assert.deepEqual(entries.map((entry) => entry.content), page.map(([, content]) => content));
      }
    } finally {
      await forge.stop();
    }
  });
}

describe('one service dead, the others answer', () => {
  let forge;
  let saved;
  before(async () => {
    forge = await Forge.start();
    saved = await forge.tool('context_save', { content: 'Survivors are well documented.' });
  });
  after(async () => { await forge.stop(); });

  const health = async () => (await fetch(`${forge.url}/health`)).json();

  test('without metrics-svc: contexts work, health says so, /metrics still has the gateway\'s own', async () => {
    await forge.kill('metrics-svc');
    const state = await until('health sees it', async () => {
      const now = await health();
      return now.modules.metrics.state === 'down' && now;
    });
    assert.equal(state.status, 'degraded');
    assert.match(state.modules.metrics.reason, /metrics-svc/);
    assert.equal((await forge.tool('context_get', { ids: [saved.id] })).entries.length, 1);
    assert.match(await (await fetch(`${forge.url}/metrics`)).text(), /forge_up\{program="metrics-svc"\} 0/);
    await assert.rejects(forge.tool('metrics_query', { metric: 'forge_http_requests_total' }), /metrics/);
    await forge.launch('metrics-svc');
    await until('health is whole again', async () => (await health()).status === 'healthy');
  });

  test('without backup-svc: contexts work, backup tools name the service', async () => {
    await forge.kill('backup-svc');
    await until('health sees it', async () => (await health()).modules.backup.state === 'down');
    assert.equal((await forge.tool('context_search', { query: 'survivors' })).hits[0].id, saved.id);
    await assert.rejects(forge.tool('backup_list'), /backup/);
    await forge.launch('backup-svc');
    await until('health is whole again', async () => (await health()).status === 'healthy');
  });

  test('without context-svc: not ready, status answers, and all is back after its restart', async () => {
    await forge.kill('context-svc');
    await until('readyz turns', async () => (await fetch(`${forge.url}/readyz`)).status === 503);
    assert.equal((await fetch(`${forge.url}/livez`)).status, 200);
    assert.equal((await fetch(`${forge.url}/health`)).status, 503);
    const status = await forge.tool('forge_status');
    assert.match(JSON.stringify(status), /context/);
    await forge.launch('context-svc');
    // One loop is ready; the others notice within a second.
    const got = await until('every loop reads', () => forge.tool('context_get', { ids: [saved.id] }), 2000);
    assert.equal(got.entries.length, 1);
  });

  test('a short restart of context-svc is waited out by calls under way', async () => {
    await forge.kill('context-svc');
    const call = forge.tool('context_get', { ids: [saved.id] });
    forge.spawn('context-svc');
    assert.equal((await call).entries.length, 1);
    await forge.ready();
  });

  test('a stopped service is noticed, and goes on when it runs again', async () => {
    process.kill(forge.pid('context-svc'), 'SIGSTOP');
    await until('health sees it', async () => (await health()).modules.context.state !== 'ok');
    process.kill(forge.pid('context-svc'), 'SIGCONT');
    await until('health is whole again', async () => (await health()).status === 'healthy');
  });

  test('a killed gateway comes back on the same data', async () => {
    await forge.kill('mcp_server');
    await forge.launch('mcp_server');
    assert.equal((await forge.tool('context_get', { ids: [saved.id] })).entries.length, 1);
  });

  test('a second process on the same data is refused with clear words', async () => {
    const first = forge.processes.get('context-svc');
    const { code } = await forge.spawn('context-svc').ended;
    forge.processes.set('context-svc', first);
    assert.equal(code, 69);
    const log = readFileSync(join(forge.data, 'log', 'context-svc.log'), 'utf8');
    assert.match(log, /in use|another process|already/i);
    assert.equal((await forge.tool('context_get', { ids: [saved.id] })).entries.length, 1);
  });
});

test('backup, verify and restore bring everything into an empty cluster', async () => {
  const forge = await Forge.start();
  let id;
  let saved;
  try {
    saved = await Promise.all(Array.from({ length: 50 }, (_, i) =>
      forge.tool('context_save', { content: `Backed up fact ${i} about lighthouses` })));
    const { backup } = await forge.tool('backup_run', { note: 'test' });
    id = backup.id;
    assert.equal(backup.state, 'complete');
    assert.equal((await forge.tool('backup_verify', { id })).good, true);
    assert.equal((await forge.tool('backup_list')).backups[0].id, id);
    await assert.rejects(forge.tool('backup_restore', { id, confirm: id }), /empty/);

    await forge.killAll('SIGTERM');
    const { execFileSync } = await import('node:child_process');
    execFileSync('rm', ['-rf', join(forge.data, 'context'), join(forge.data, 'metrics')]);
    await forge.launchAll();
    assert.equal((await forge.tool('context_search', { query: 'lighthouses' })).hits.length, 0);
    await assert.rejects(forge.tool('backup_restore', { id, confirm: 'yes' }), new RegExp(id));
    await until('restore', async () => forge.tool('backup_restore', { id, confirm: id }));

    for (const [i, entry] of saved.entries())
      assert.equal((await forge.tool('context_get', { ids: [entry.id] })).entries[0].content,
        `Backed up fact ${i} about lighthouses`);
    assert.ok((await forge.tool('context_search', { query: 'lighthouses' })).hits.length > 0);
    const after = await forge.tool('context_save', { content: 'Life goes on after a restore.' });
    assert.equal(after.outcome, 'created');
  } finally {
    await forge.stop();
  }
});

test('a damaged backup is found out and named', async () => {
  const forge = await Forge.start();
  try {
    await forge.tool('context_save', { content: 'Something to copy.' });
    const { backup } = await forge.tool('backup_run');
    const file = join(forge.data, 'backups', backup.id, 'context.records');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(file, bytes);
    const verdict = await forge.tool('backup_verify', { id: backup.id });
    assert.equal(verdict.good, false);
    assert.match(JSON.stringify(verdict.problems), /context\.records/);
  } finally {
    await forge.stop();
  }
});

