// Message templates: read from Meta, kept up to date, and shown.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { api, db, eventually, fixture, phoneNumberId, postWebhook, startServer, token, wabaId } from './support/server.mjs';
import { graphToken, startPair } from './support/simulator.mjs';

const agent = '22222222-2222-4222-8222-222222222222';
const admin = '33333333-3333-4333-8333-333333333333';
const stranger = '44444444-4444-4444-8444-444444444444';
let server;
let simulator;
let pool;

const as = (sub) => ({ token: token({ sub }) });
const list = async (query = '', options) => (await api(server, 'GET', `/api/live-chat/templates${query}`, options)).body;
const sync = (options) => api(server, 'POST', '/api/live-chat/templates/sync', options);
const names = (answer) => answer.templates.map((one) => `${one.name}/${one.language}`);
const one = async (name) => (await list(`?search=${name}`)).templates[0];

/** One call to the Graph API of the simulator, as somebody does in the WhatsApp Manager. */
async function manage(method, path, body) {
  const response = await fetch(new URL(`/v24.0/${path}`, simulator.url), {
    method,
    headers: { Authorization: `Bearer ${graphToken}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

const create = (name, more = {}) =>
  manage('POST', `${wabaId}/message_templates`, {
    name,
    language: 'en',
    category: 'UTILITY',
    components: [{ type: 'body', text: `Hello {{1}}, this is ${name}.` }],
    ...more,
  });

/** Tells the server what Meta tells about a template. */
const tell = (name, value, field) => {
  const body = fixture(name);
  Object.assign(body.entry[0].changes[0].value, value);
  if (field) body.entry[0].changes[0].field = field;
  return postWebhook(server, body);
};

/** Until the server has read what webhooks so far called for: its reading anew would undo what the test tells. */
const calm = () =>
  eventually(
    async () => {
      const { rows } = await pool.query(
        `SELECT FROM template_syncs WHERE account_id = 1 AND waba_id = $1 AND due_at > now() + interval '1 hour'
         AND synced_at >= due_at - interval '6 hours'`,
        [wabaId],
      );
      return rows.length === 1;
    },
    { timeout: 20_000 },
  );

before(async () => {
  ({ server, simulator } = await startPair());
  pool = await db(server);
  await pool.query("INSERT INTO members (account_id, user_id, role) VALUES (1, $1, 'agent'), (1, $2, 'admin')", [agent, admin]);
  await pool.query("INSERT INTO accounts (name) VALUES ('Other')");
  await pool.query("INSERT INTO members (account_id, user_id, role) VALUES (2, $1, 'owner')", [stranger]);
});

describe('the list', () => {
  test('is read by itself soon after the start', async () => {
    const answer = await eventually(async () => {
      const answer = await list();
      return answer.templates.length > 0 && answer;
    });
    assert(names(answer).includes('hello_world/en_US'));
    assert.equal(answer.syncs.length, 1);
    assert.equal(answer.syncs[0].waba_id, wabaId);
    assert.equal(answer.syncs[0].sync_problem, null);
    assert.equal(answer.synced_at, answer.syncs[0].synced_at);
    const greeting = answer.templates.find((template) => template.name === 'hello_world');
    assert.equal(greeting.sendable, true);
    assert.equal(greeting.not_sendable_reason, null);
    assert.equal(greeting.synced_at, answer.synced_at);
    assert.deepEqual(greeting.components.map((component) => component.type), ['HEADER', 'BODY', 'FOOTER']);
    const paused = answer.templates.find((template) => template.name === 'winter_sale');
    assert.equal(paused.sendable, false);
    assert.match(paused.not_sendable_reason, /paused/);
  });

  test('is filtered', async () => {
    assert.deepEqual(names(await list('?search=ORDER_conf')), ['order_confirmation/en_US', 'order_confirmation/pt_BR']);
    assert.deepEqual(names(await list('?search=obrigado')), ['order_confirmation/pt_BR']);
    assert.deepEqual(names(await list('?search=order_confirmation&language=pt_BR')), ['order_confirmation/pt_BR']);
    assert.deepEqual(names(await list('?status=paused')), ['winter_sale/en_US']);
    const marketing = await list('?category=marketing');
    assert(marketing.templates.length > 1);
    assert(marketing.templates.every((template) => template.category === 'MARKETING'));
    const all = await list();
    assert.deepEqual(names(await list(`?phone_number_id=${phoneNumberId}`)), names(all));
    const other = await list('?phone_number_id=1');
    assert.deepEqual([other.templates, other.syncs, other.synced_at], [[], [], null]);
    assert.deepEqual(names(await list('?search=%25')), [], 'a percent sign is a percent sign');
  });

  for (const [query, member] of [
    ['limit=0', 'limit'],
    ['limit=many', 'limit'],
    ['offset=-1', 'offset'],
    ['search=%ff', 'search'],
    ['search=%zz', 'search'],
    [`language=${'x'.repeat(65)}`, 'language'],
    [`category=${'x'.repeat(65)}`, 'category'],
    ['status=%00', 'status'],
    [`phone_number_id=${'1'.repeat(65)}`, 'phone_number_id'],
  ])
    test(`with ${query.slice(0, 30)} is refused`, async () => {
      const answer = await api(server, 'GET', `/api/live-chat/templates?${query}`);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.member, member);
    });

  test('of another account is its own', async () => {
    const answer = await list('', as(stranger));
    assert.deepEqual(answer.templates, []);
    assert.deepEqual(answer.syncs, []);
    assert.deepEqual((await list(`?phone_number_id=${phoneNumberId}`, as(stranger))).templates, []);
    assert.equal((await sync(as(stranger))).body.synced, 0);
    assert.equal((await api(server, 'GET', '/api/live-chat/templates', { token: null })).status, 401);
  });
});

describe('reading anew', () => {
  test('is for owners and admins', async () => {
    const refused = await sync(as(agent));
    assert.equal(refused.status, 403);
    assert.equal(refused.body.code, 'forbidden');
    const answer = await sync(as(admin));
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, { synced: (await list()).templates.length, problems: [] });
    assert((await list('', as(agent))).templates.length > 0, 'agents see the list');
  });

  test('reads all pages', async () => {
    const before = (await list()).templates.length;
    for (let i = 0; i < 160; ++i) await create(`many_${String(i).padStart(3, '0')}`);
    assert.equal((await sync()).body.synced, before + 160);
    const first = await list('?limit=150');
    assert.equal(first.templates.length, 150);
    assert.equal(first.next_offset, 150);
    const second = await list(`?limit=150&offset=${first.next_offset}`);
    assert.equal(second.next_offset, null);
    assert.equal(new Set([...names(first), ...names(second)]).size, before + 160);
  });

  test('leaves templates alone that did not change', async () => {
    const rows = () => pool.query('SELECT template_id, xmin::text, ctid::text FROM message_templates ORDER BY 1');
    await eventually(async () => names(await list('?status=pending')).join() === 'new_opening_hours/en_US', { timeout: 20_000 });
    await sync();
    const earlier = (await rows()).rows;
    const { synced_at } = await list();
    await sync();
    assert.deepEqual((await rows()).rows, earlier);
    assert(new Date((await list()).synced_at) > new Date(synced_at));
  });

  test('says what Meta refuses', async () => {
    await pool.query("UPDATE phone_numbers SET waba_id = '999' WHERE phone_number_id = $1", [phoneNumberId]);
    const answer = await sync();
    await pool.query('UPDATE phone_numbers SET waba_id = $2 WHERE phone_number_id = $1', [phoneNumberId, wabaId]);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.synced, 0);
    assert.deepEqual(
      answer.body.problems.map(({ waba_id, sync_problem }) => [waba_id, sync_problem.code, sync_problem.meta_code]),
      [['999', 'refused', 100]],
    );
    const line = server.logs.find((entry) => entry.event === 'templates_not_synced');
    assert.deepEqual([line.waba_id, line.code], ['999', 100]);
  });
});

describe('a webhook', () => {
  test('of a status shows at once, before the list is read', async () => {
    await calm();
    const { id } = await one('sample_shipping_confirmation');
    assert.equal((await tell('template-status-rejected-scam', { message_template_id: Number(id) })).status, 200);
    const rejected = await one('sample_shipping_confirmation');
    assert.equal(rejected.status, 'REJECTED');
    assert.equal(rejected.rejected_reason, 'SCAM');
    assert.equal(rejected.sendable, false);
    // Meta's list says otherwise, and is read soon.
    const again = await eventually(
      async () => {
        const template = await one('sample_shipping_confirmation');
        return template.status === 'APPROVED' && template;
      },
      { timeout: 20_000 },
    );
    assert.equal(again.rejected_reason, null);
  });

  test('of quality and category show at once', async () => {
    await calm();
    const { id } = await one('hello_world');
    await tell('template-quality-update', { message_template_id: Number(id) }, 'message_template_quality_update');
    assert.equal((await one('hello_world')).quality, 'YELLOW');
    await tell('template-category-updated', { message_template_id: Number(id), new_category: 'UTILITY' });
    assert.equal((await one('hello_world')).category, 'UTILITY');
  });

  test('brings new templates, and takes away those that are gone', async () => {
    await create('brand_new');
    await eventually(async () => (await one('brand_new'))?.status === 'APPROVED', { timeout: 20_000 });
    await manage('DELETE', `${wabaId}/message_templates?name=brand_new`);
    await tell('template-status-approved', { event: 'PENDING_DELETION', message_template_id: 1 });
    await eventually(async () => (await one('brand_new')) === undefined, { timeout: 20_000 });
  });

  test('of an account that is not here changes nothing', async () => {
    const { id } = await one('hello_world');
    const body = fixture('template-status-rejected-scam');
    body.entry[0].id = '12345';
    body.entry[0].changes[0].value.message_template_id = Number(id);
    assert.equal((await postWebhook(server, body)).status, 200);
    assert.equal((await one('hello_world')).status, 'APPROVED');
  });
});

test('without a token nothing is read, and the list says so', async () => {
  const alone = await startServer({ env: { PARLEY_GRAPH_URL: simulator.url } });
  const syncs = await eventually(async () => {
    const { body } = await api(alone, 'GET', '/api/live-chat/templates');
    return body.syncs[0].sync_problem && body.syncs;
  });
  assert.deepEqual([syncs[0].sync_problem.code, syncs[0].synced_at], ['no_token', null]);
  const answer = await api(alone, 'POST', '/api/live-chat/templates/sync');
  assert.equal(answer.body.problems[0].sync_problem.code, 'no_token');
});
