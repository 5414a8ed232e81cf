// DevBench through MCP: 30 memories, 15 questions with answers. The data set lies outside the project
// (FORGE_EVAL_DATA, or shared/data beside the checkout); without it these tests are skipped.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { Forge, root } from './forge.mjs';

const data = process.env.FORGE_EVAL_DATA ?? resolve(root, '../shared/data');
const devbench = join(data, 'devbench/dataset.json');

test('DevBench: recall in the top five is at least 0.95', { skip: !existsSync(devbench) && `no ${devbench}` }, async () => {
  const set = JSON.parse(readFileSync(devbench, 'utf8'));
  const forge = await Forge.start();
  try {
    const names = new Map();
    for (const memory of set.memories) {
      const { id } = await forge.tool('context_save', {
        content: memory.content, kind: memory.memory_type, tags: memory.tags, project: 'devbench',
      });
      names.set(id, memory.tags.find((tag) => tag.startsWith('bench:')));
    }
    let recall = 0;
    let reciprocal = 0;
    let answerable = 0;
    let filled = 0;
    for (const question of set.queries) {
      const wanted = question.expected_tags;
      const found = await forge.tool('context_search', { query: question.question, project: 'devbench', limit: 5 });
      const ranked = found.hits.map((hit) => names.get(hit.id));
      if (!wanted.length) {
        filled += ranked.length / 5;
        continue;
      }
      answerable++;
      recall += wanted.filter((name) => ranked.includes(name)).length / wanted.length;
      const first = ranked.findIndex((name) => wanted.includes(name));
      reciprocal += first < 0 ? 0 : 1 / (first + 1);
    }
    console.log(`DevBench: R@5 ${(recall / answerable).toFixed(3)}, MRR ${(reciprocal / answerable).toFixed(3)}, ` +
      `${answerable} answerable questions, top 5 filled for the others ${filled.toFixed(2)} in sum`);
    assert.equal(answerable, 15);
    assert.ok(recall / answerable >= 0.95);
  } finally {
    await forge.stop();
  }
});

const cranfield = join(data, 'cranfield/corpus.jsonl');

test('a set imported by forgectl is found, and importing twice changes nothing',
  { skip: !existsSync(cranfield) && `no ${cranfield}` }, async () => {
    const forge = await Forge.start();
    try {
      const first = forge.forgectl('-o', 'json', 'context', 'import', cranfield, '--project', 'cranfield');
      const second = forge.forgectl('-o', 'json', 'context', 'import', cranfield, '--project', 'cranfield');
      assert.ok(JSON.parse(first).created > 1000, first);
      assert.equal(JSON.parse(second).created, 0, second);
      const found = await forge.tool('context_search', {
        query: 'what similarity laws must be obeyed when constructing aeroelastic models of heated high speed aircraft',
        project: 'cranfield',
      });
      assert.match(found.hits[0].title + found.hits[0].snippet, /aeroelastic|heated|similarity/i);
    } finally {
      await forge.stop();
    }
  });
