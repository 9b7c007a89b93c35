// Files in an S3-compatible bucket instead of the data directory.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import S3rver from 's3rver';
import { api, temporaryFolder, token } from './support/server.mjs';
import { conversationWith, customerWrites, onPhone, reply, startPair } from './support/simulator.mjs';

const png = readFileSync(new URL('../../simulator/phone/sample.png', import.meta.url));
let bucket;
let server;
let simulator;
let folder;

before(async () => {
  folder = temporaryFolder();
  bucket = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder, configureBuckets: [{ name: 'files' }] });
  const { port } = await bucket.run();
  ({ server, simulator } = await startPair({
    env: {
      PARLEY_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      PARLEY_S3_BUCKET: 'files',
      PARLEY_S3_ACCESS_KEY_ID: 'S3RVER',
      PARLEY_S3_SECRET_ACCESS_KEY: 'S3RVER',
    },
  }));
});
after(() => bucket.close().catch(() => {}));

const localFiles = () => readdirSync(join(server.dataDir, 'media')).filter((name) => !name.startsWith('unfinished-'));
const upload = (bytes) => api(server, 'POST', '/api/live-chat/media', { body: bytes, headers: { 'Content-Type': 'image/png' } });

describe('a bucket', () => {
  test('gives back what the server has forgotten, to agents and to Meta', async () => {
    const { media } = (await upload(png)).body;
    assert(readdirSync(join(folder, 'files')).length > 0);
    for (const name of localFiles()) rmSync(join(server.dataDir, 'media', name));
    const answer = await fetch(new URL(media.url, server.url), { headers: { Authorization: `Bearer ${token()}` } });
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), png);
    for (const name of localFiles()) rmSync(join(server.dataDir, 'media', name));
    await customerWrites(simulator, '4915000000001', 'Hello');
    const { id } = await conversationWith(server, '4915000000001');
    assert.equal((await reply(server, { conversation_id: id, message_type: 'image', media_id: media.id })).status, 200);
    assert((await onPhone(simulator, '4915000000001'))[0].request.image.id);
  });

  test('that is away refuses an upload, and nothing is half done', async () => {
    await bucket.close();
    const answer = await upload(Buffer.concat([png, Buffer.from('another')]));
    assert.equal(answer.status, 503);
  });
});
