// The official conformance suite's scenarios that need no fixture tools, against the production
// gateway, in both eras. Warnings count as failures where we could satisfy them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Forge, root } from '../cluster/forge.mjs';

const run = promisify(execFile);
const suite = join(root, 'tests/node_modules/@modelcontextprotocol/conformance/dist/index.js');

const scenarios = {
  '2025-11-25': ['server-initialize', 'ping', 'tools-list', 'server-sse-multiple-streams', 'resources-list',
    'prompts-list', 'dns-rebinding-protection'],
  '2026-07-28': ['tools-list', 'server-sse-multiple-streams', 'resources-list', 'sep-2164-resource-not-found',
    'prompts-list', 'dns-rebinding-protection', 'caching', 'input-required-result-unsupported-methods',
    'http-header-validation', 'http-custom-header-server-validation'],
};

describe('conformance', () => {
  let forge;
  let out;
  before(async () => {
    forge = await Forge.start({ embedded: true });
    await forge.tool('context_save', { content: 'Something that resources/list can show.' });
    out = mkdtempSync(join(tmpdir(), 'conformance-'));
  });
  after(async () => {
    rmSync(out, { recursive: true, force: true });
    await forge.stop();
  });

  async function check(scenario, version) {
    const folder = mkdtempSync(join(out, 'run-'));
    const { stdout, failed } = await run(process.execPath, [suite, 'server', '--url', forge.mcp, '--scenario', scenario,
      '--spec-version', version, '-o', folder]).catch((error) => ({ stdout: error.stdout, failed: true }));
    const checks = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('checks.json'))
      .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
    return { stdout, failed, checks };
  }

  for (const [version, names] of Object.entries(scenarios))
    for (const name of names)
      test(`${version} ${name}`, async () => {
        const { stdout, failed, checks } = await check(name, version);
        assert.ok(!failed, stdout);
        assert.ok(checks.length > 0, stdout);
        const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
        assert.deepEqual(bad, []);
      });

  // The suite itself says which of its checks it cannot make without fixture tools.
  test('2026-07-28 server-stateless, but for the checks that need fixtures', async () => {
    const { checks } = await check('server-stateless', '2026-07-28');
    const bad = checks.filter(({ status, details }) => status === 'FAILURE' && !details?.untestable);
    assert.deepEqual(bad, []);
    assert.ok(checks.filter(({ status }) => status === 'SUCCESS').length >= 20, JSON.stringify(checks.map((c) => [c.id, c.status])));
  });
});
