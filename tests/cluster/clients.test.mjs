// Real MCP clients save and find real content, in the cluster of four and in one process.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Forge, bin, root } from './forge.mjs';

const run = promisify(execFile);
const info = { name: 'cluster-test', version: '1.0.0' };
const toolNames = ['context_save', 'context_search', 'context_get', 'context_brief', 'context_update',
  'context_forget', 'context_list', 'session_start', 'session_checkpoint', 'session_end', 'session_list',
  'forge_status', 'metrics_query', 'backup_run', 'backup_list', 'backup_verify', 'backup_restore'];

// What every client must be able to do.
async function converse(client, mark) {
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name), toolNames);

  const saved = await client.callTool({
    name: 'context_save',
    arguments: { content: `The flux capacitor of ${mark} needs 1.21 gigawatts.`, kind: 'decision', tags: ['power'] },
  });
  assert.equal(saved.isError ?? false, false, JSON.stringify(saved));
  assert.equal(saved.structuredContent.outcome, 'created');
  assert.equal(saved.structuredContent.durable, true);

  const found = await client.callTool({
    name: 'context_search', arguments: { query: `how many gigawatts does the flux capacitor of ${mark} need?` },
  });
  assert.equal(found.structuredContent.hits[0].id, saved.structuredContent.id);

  const got = await client.callTool({ name: 'context_get', arguments: { ids: [saved.structuredContent.id] } });
  assert.match(got.structuredContent.entries[0].content, /1\.21 gigawatts/);

  const wrong = await client.callTool({ name: 'context_search', arguments: {} });
  assert.equal(wrong.isError, true);
  assert.match(wrong.content[0].text, /query/);

  const { resources } = await client.listResources();
  const read = await client.readResource({ uri: `context://${saved.structuredContent.id}` });
  assert.match(read.contents[0].text, /1\.21 gigawatts/);
  assert.ok(resources.length > 0);

  const { prompts } = await client.listPrompts();
  assert.deepEqual(prompts.map((prompt) => prompt.name), ['start-work', 'wrap-up']);
  const prompt = await client.getPrompt({ name: 'start-work', arguments: { project: 'default', task: 'power' } });
  assert.ok(prompt.messages.length > 0);
}

for (const embedded of [false, true]) {
  describe(embedded ? 'one process' : 'four processes', () => {
    let forge;
    before(async () => { forge = await Forge.start({ embedded }); });
    after(async () => { await forge.stop(); });

    test('SDK v1', async () => {
      const client = new ClientV1(info);
      const transport = new HttpV1(new URL(forge.mcp));
      await client.connect(transport);
      assert.ok(transport.sessionId);
      await converse(client, 'v1');
      await client.close();
    });

    for (const mode of ['legacy', 'auto', { pin: '2026-07-28' }]) {
      const name = typeof mode === 'string' ? mode : 'pinned';
      test(`SDK v2 ${name}`, async () => {
        const client = new ClientV2(info, mode === 'legacy' ? {} : { versionNegotiation: { mode } });
        await client.connect(new HttpV2(new URL(forge.mcp)));
        assert.equal(client.getProtocolEra(), mode === 'legacy' ? 'legacy' : 'modern');
        await converse(client, `v2${name}`);
        await client.close();
      });
    }

    test('the stdio bridge under SDK v1', async () => {
      const client = new ClientV1(info);
      await client.connect(new StdioClientTransport({
        command: join(bin, 'forgectl'), args: ['mcp', 'stdio'],
        env: { ...process.env, FORGE_MCP_URL: forge.mcp },
      }));
      await converse(client, 'stdio');
      await client.close();
    });

    for (const era of ['legacy', 'auto', 'modern']) {
      test(`Inspector, ${era}`, async () => {
        const home = mkdtempSync(join(tmpdir(), 'inspector-'));
        const inspect = async (...args) => {
          const { stdout } = await run(process.execPath, [
            join(root, 'tests/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js'),
            '--cli', forge.mcp, '--transport', 'http', '--format', 'json', '-q', '--protocol-era', era, ...args],
          { env: { ...process.env, HOME: home } });
          return JSON.parse(stdout);
        };
        const list = await inspect('--method', 'tools/list');
        assert.equal((list.tools ?? list.result.tools).length, 17);
        const saved = await inspect('--method', 'tools/call', '--tool-name', 'context_save',
          '--tool-arg', `content=Inspector speaks ${era} with zebras`);
        assert.match(JSON.stringify(saved), /created/);
        const found = await inspect('--method', 'tools/call', '--tool-name', 'context_search',
          '--tool-arg', `query=who speaks ${era} with zebras`);
        assert.match(JSON.stringify(found), /Inspector speaks/);
        rmSync(home, { recursive: true, force: true });
      });
    }

    test("the runbook's own curl line", async () => {
      const { stdout } = await run('curl', ['-s', '-X', 'POST', forge.mcp, '-H', 'Content-Type: application/json',
        '-d', '{"jsonrpc":"2.0","id":1,"method":"tools/list"}']);
      assert.equal(JSON.parse(stdout).result.tools.length, 17);
    });

    test('tools over plain HTTP on the operators\' port', async () => {
      const call = (name, args) => fetch(`${forge.admin}/api/v1/tools/${name}`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(args),
      });
      const saved = await (await call('context_save', { content: 'Plain HTTP tastes of walnuts.' })).json();
      const found = await (await call('context_search', { query: 'walnuts' })).json();
      assert.equal(found.hits[0].id, saved.id);
      const missing = await call('context_nothing', {});
      assert.equal(missing.status, 404);
      assert.match((await missing.json()).error.message, /context_nothing/);
    });

    test('tools/list stays small', async () => {
      const { result } = await forge.rpc('tools/list');
      const slim = result.tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
      const parts = slim.reduce((sum, tool) => sum + tool.name.length + tool.description.length +
        JSON.stringify(tool.inputSchema).length, 0);
      assert.ok(parts <= 5200, `${parts} bytes of names, descriptions and input schemas`);
      assert.ok(JSON.stringify(result).length <= 12288, `${JSON.stringify(result).length} bytes in all`);
    });
  });
}
