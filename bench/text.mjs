// Synthetic notes with a Zipf-like vocabulary: the same for every run of the same size.
const stems = ['connection', 'timeout', 'parser', 'writer', 'index', 'snapshot', 'leveldb', 'socket', 'retry', 'deadline', 'batch',
  'commit', 'token', 'session', 'gateway', 'schema', 'migration', 'cache', 'thread', 'mutex', 'buffer', 'header', 'cursor', 'search',
  'ranking', 'query', 'backup', 'restore', 'manifest', 'checksum', 'compaction', 'iterator'];

// A small generator of our own, so that runs can be compared (mulberry32).
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function word(random, vocabulary = 30000) {
  const rank = Math.floor(Math.exp(random() * Math.log(vocabulary)));
  return rank <= stems.length ? stems[rank - 1] : `term${rank.toString(36)}`;
}

export function note(random, words = 60) {
  return Array.from({ length: words }, () => word(random)).join(' ');
}

// Saves `count` notes through the gateway, 64 at a time.
export async function fill(forge, count, seed = 1) {
  const random = generator(seed);
  const ids = [];
  for (let at = 0; at < count; at += 64) {
    const size = Math.min(64, count - at);
    const saved = await Promise.all(Array.from({ length: size }, (_, i) =>
      forge.tool('context_save', { content: `${at + i}: ${note(random)}`, kind: 'note', project: `p${(at + i) % 7}` })));
    ids.push(...saved.map(({ id }) => id));
  }
  return ids;
}
