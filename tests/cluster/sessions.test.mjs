// Session ids outlive the gateway, and abandoned ones cost next to nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Forge, until } from './forge.mjs';

const initialize = {
  jsonrpc: '2.0', id: 0, method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

async function open(forge) {
  const response = await fetch(forge.mcp, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(initialize),
  });
  await response.arrayBuffer();
  return response.headers.get('mcp-session-id');
}

const list = (forge, session) => fetch(forge.mcp, {
  method: 'POST',
  headers: {
    'content-type': 'application/json', accept: 'application/json, text/event-stream',
    'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25',
  },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
});

for (const embedded of [false, true]) {
  const where = embedded ? 'one process' : 'four processes';

  test(`${where}: an old session id works after a restart of the gateway, a forged one does not`, async () => {
    const forge = await Forge.start({ embedded });
    try {
      const session = await open(forge);
      assert.match(session, /^[\x21-\x7e]+$/);
      assert.equal((await list(forge, session)).status, 200);

      await forge.kill('mcp_server', 'SIGKILL');
      await forge.launch('mcp_server');

      const { result } = await (await list(forge, session)).json();
      assert.equal(result.tools.length, 17);
      const last = session.at(-1);
      const forged = session.slice(0, -1) + (last === 'A' ? 'B' : 'A');
      assert.equal((await list(forge, forged)).status, 404);
    } finally {
      await forge.stop();
    }
  });

  test(`${where}: 1,000 abandoned sessions add less than 2 MB`, async () => {
    const forge = await Forge.start({ embedded });
    try {
      for (let i = 0; i < 200; i++) await open(forge);
      const before = forge.rss('mcp_server');
      const count = async () => Number(await (await fetch(`${forge.url}/sessions/count`)).text());
      for (let i = 0; i < 1000; i++) await open(forge);
      const growth = forge.rss('mcp_server') - before;
      await until('sessions are counted', async () => (await count()) >= 1000);
      // A sanitizer build keeps freed memory in quarantine, so the figure is the release build's to show.
      if (!process.env.FORGE_SANITIZED) assert.ok(growth < 2e6, `${growth} bytes`);
      console.log(`1,000 abandoned sessions: ${growth} bytes`);
    } finally {
      await forge.stop();
    }
  });
}
