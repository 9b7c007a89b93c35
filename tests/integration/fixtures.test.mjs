// What is stored of deliveries: Meta's own examples, and what customers and batches do to conversations.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { api, createDatabase, db, fixture, phoneNumberId, postWebhook, run, startServer, wabaId, wire } from './support/server.mjs';
import { contact, delivery, echoes, entry, messages, newCustomer, now, postAll, statuses, text, wamid } from './support/webhooks.mjs';

let server;

before(async () => {
  server = await startServer();
});

async function query(sql, values = [], on = server) {
  return (await (await db(on)).query(sql, values)).rows;
}

async function post(body, on = server) {
  const answer = await postWebhook(on, body);
  assert.equal(answer.status, 200);
  return answer;
}

const message = async (id) => (await query('SELECT * FROM chat_messages WHERE whatsapp_message_id = $1', [id]))[0];

/** The conversations in which a customer is found, by any of the ways to know one. */
const conversations = (value) =>
  query(
    `SELECT c.* FROM chat_conversations c WHERE c.contact_id IN (SELECT contact_id FROM contact_identities WHERE value = $1)
     ORDER BY c.id`,
    [value],
  );

async function onlyConversation(value) {
  const found = await conversations(value);
  assert.equal(found.length, 1, `${value} has ${found.length} conversations`);
  return found[0];
}

/** A message as the API shows it. */
async function shown(id) {
  const { conversation_id: conversation } = await message(id);
  const { body } = await api(server, 'GET', `/api/live-chat/messages?conversation_id=${conversation}&limit=100&mark_read=false`);
  return body.messages.find(({ whatsapp_message_id: found }) => found === id);
}

const lastDelivery = async (on = server) => (await query('SELECT * FROM webhook_deliveries ORDER BY id DESC LIMIT 1', [], on))[0];

async function parked(id) {
  return query('SELECT kind, detail FROM parked_updates WHERE whatsapp_message_id = $1', [id]);
}

async function assertGaplessEvents(on = server) {
  const [row] = await query(
    'SELECT a.event_offset, count(e.*) AS n, max(e."offset") AS last FROM accounts a LEFT JOIN events e ON e.account_id = a.id GROUP BY a.id',
    [],
    on,
  );
  assert.equal(row.n, row.event_offset);
  assert.equal(row.last, row.event_offset);
}

describe("Meta's examples", () => {
  const folder = new URL('../../contract/fixtures/webhooks/', import.meta.url);
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
  let other;

  // Files that are not wholly stored, on purpose: another number, another WABA, a value without metadata.
  const states = {
    'batch-every-field-in-one-entry': 'partial',
    'batch-multi-entry-out-of-order': 'partial',
    'dashboard-test-text': 'dead',
  };

  const texts = {
    'message-audio-file-forwarded': 'Audio',
    'message-audio-voice': 'Voice message',
    'message-button-did-not-request-code': "I didn't request a code",
    'message-button-template-quick-reply': 'Unsubscribe',
    'message-contacts-org': 'Contact: Barbara J. Johnson (+1 (415) 555-0829)',
    'message-contacts-two': 'Contacts: Chandler Bing, Monica, Rachel Green',
    'message-document-caption': 'my receipt',
    'message-document-no-caption': 'Document: 4_641947.pdf',
    'message-group-text': 'What does everyone think about this?',
    'message-image-caption': 'Taj Mahal',
    'message-image-no-url': 'Image',
    'message-interactive-button-reply': 'Cancel',
    'message-location-business': 'Location: Philz Coffee, 101 Forest Ave, Palo Alto, CA 94301',
    'message-order': 'Order: 2 items. Love these!',
    'message-sticker-static': 'Sticker',
    'message-system-user-changed-number': 'User Sheena Nelson changed from 16505551234 to 12195555358',
    'message-text': 'Does it come in another color?',
    'message-text-reply': 'replied text',
    'message-text-unicode-emoji':
      'Bonjour à tous — مرحبا بالعالم — 你好 — नमस्ते — 👩🏽‍🌾🇧🇷 ‏RTL‎ line1\nline2\ttab "quotes" \\ back/slash',
    'message-unsupported-no-type': 'Unsupported message',
    'message-video-caption': 'Timelapse of growth',
    'smb-message-echo-text': "Here's the info you requested! https://www.meta.com/quest/quest-3/",
  };

  /** The messages, in Meta's words, that a body brings for our number: reactions, edits and revokes are none. */
  function expectedMessages(body) {
    return body.entry.flatMap((each) =>
      each.changes.flatMap(({ field, value }) => {
        if (!['messages', 'smb_message_echoes'].includes(field)) return [];
        if (value.metadata?.phone_number_id !== phoneNumberId) return [];
        return [
          ...(value.messages ?? []).map((each) => ({ sender: 'customer', each })),
          ...(value.message_echoes ?? []).map((each) => ({ sender: 'agent', each })),
        ].filter(({ each }) => !['reaction', 'edit', 'revoke'].includes(each.type));
      }),
    );
  }

  before(async () => {
    other = await startServer({ env: { DATABASE_URL: await createDatabase(server) } });
  });

  test('are all here', () => assert.equal(names.length, 112));

  for (const name of names) {
    test(name, async () => {
      const body = fixture(name);
      const expected = expectedMessages(body);
      const sent = wire(body);
      await post(sent, other);

      const journal = await lastDelivery(other);
      assert.equal(journal.state, states[name] ?? 'stored', journal.problem);
      assert.equal(journal.body.toString(), sent);
      assert.deepEqual(journal.fields.split(',').sort(), [...new Set(body.entry.flatMap(({ changes }) => changes.map(({ field }) => field)))].sort());

      for (const { sender, each } of expected) {
        const [row] = await query(
          'SELECT *, extract(epoch FROM created_at)::bigint AS at FROM chat_messages WHERE whatsapp_message_id = $1',
          [each.id],
          other,
        );
        assert(row, `${each.id} is not stored`);
        assert.equal(row.sender, sender);
        assert.equal(row.message_type, each.type);
        assert(row.message.trim().length > 0);
        assert.deepEqual(row.payload, each);
        assert.equal(row.status, sender === 'agent' ? 'sent' : 'received');
        const earliest = Date.UTC(2009, 0, 1) / 1000;
        assert.equal(row.at, Math.max(Number(each.timestamp), earliest));
        const forwarded = each.context?.forwarded || each.context?.frequently_forwarded;
        assert.equal(row.reply_to_whatsapp_message_id, forwarded ? null : (each.context?.id ?? null));
        assert.equal(row.error_code, each.errors?.[0]?.code ?? null);
        assert.equal(row.is_read, sender === 'agent' || each.type === 'system');
      }
      if (texts[name]) {
        assert.equal(expected.length, 1);
        const [row] = await query('SELECT message FROM chat_messages WHERE whatsapp_message_id = $1', [expected[0].each.id], other);
        assert.equal(row.message, texts[name]);
      }
      // Nothing else became a message: other fields, reactions, statuses.
      const [{ n }] = await query('SELECT count(*) AS n FROM chat_messages WHERE whatsapp_message_id = ANY ($1)', [expected.map(({ each }) => each.id)], other);
      assert.equal(n, expected.length);
    });
  }

  test('a second time change nothing but the journal', async () => {
    const content = async () => ({
      messages: await query('SELECT * FROM chat_messages ORDER BY id', [], other),
      conversations: await query('SELECT * FROM chat_conversations ORDER BY id', [], other),
      contacts: await query('SELECT * FROM contacts ORDER BY id', [], other),
      identities: await query('SELECT * FROM contact_identities ORDER BY kind, value', [], other),
      reactions: await query('SELECT * FROM message_reactions ORDER BY message_id, contact_id', [], other),
      versions: await query('SELECT * FROM message_versions ORDER BY message_id', [], other),
      events: await query('SELECT * FROM events ORDER BY "offset"', [], other),
    });
    const before = await content();
    assert(before.messages.length > 50);
    for (const name of names) await post(fixture(name), other);
    const after = await content();
    for (const table of Object.keys(before)) assert.deepEqual(after[table], before[table], table);
  });

  test('left every event without a gap, and every list readable', async () => {
    await assertGaplessEvents(other);
    const { body } = await api(other, 'GET', '/api/live-chat/conversations?limit=200');
    for (const { id, unread_count: unread, is_group: group } of body.conversations) {
      const [{ n }] = await query(
        "SELECT count(*) AS n FROM chat_messages WHERE conversation_id = $1 AND sender = 'customer' AND NOT is_read",
        [id],
        other,
      );
      assert.equal(unread, n);
      const answer = await api(other, 'GET', `/api/live-chat/messages?conversation_id=${id}`);
      assert(answer.body.messages.length > 0 || group);
    }
  });
});

describe('a reaction', () => {
  const reaction = (from, target, emoji, at = now()) => ({
    from,
    id: wamid('reaction'),
    timestamp: String(at),
    type: 'reaction',
    reaction: emoji === undefined ? { message_id: target } : { message_id: target, emoji },
  });
  const emojis = async (id) => (await shown(id)).reactions.map(({ emoji }) => emoji);

  for (const [how, gone] of Object.entries({ 'without emoji': undefined, 'with an empty emoji': '' })) {
    test(`is set, changed, and removed ${how}`, async () => {
      const from = newCustomer();
      const target = text(from);
      await post(messages(from, [target]));
      await post(messages(from, [reaction(from, target.id, '👍', now() - 30)]));
      assert.deepEqual(await emojis(target.id), ['👍']);
      await post(messages(from, [reaction(from, target.id, '❤️', now() - 20)]));
      assert.deepEqual(await emojis(target.id), ['❤️']);
      await post(messages(from, [reaction(from, target.id, gone, now() - 10)]));
      assert.deepEqual(await emojis(target.id), []);
      const conversation = await onlyConversation(from);
      assert.equal(conversation.unread_count, 1, 'a reaction is no unread message');
    });
  }

  test('that comes late does not undo its removal', async () => {
    const from = newCustomer();
    const target = text(from);
    await post(messages(from, [target]));
    await post(messages(from, [reaction(from, target.id, undefined, now() - 10)]));
    await post(messages(from, [reaction(from, target.id, '👍', now() - 20)]));
    assert.deepEqual(await emojis(target.id), []);
  });

  test('before its message waits for it', async () => {
    const from = newCustomer();
    const target = text(from);
    await post(messages(from, [text(from)]));
    const early = reaction(from, target.id, '👍', now() - 20);
    await post(messages(from, [early]));
    assert.equal((await parked(target.id)).length, 1);
    await post(messages(from, [target]));
    assert.deepEqual(await emojis(target.id), ['👍']);
    assert.deepEqual(await parked(target.id), []);
    await post(messages(from, [early]));
    assert.deepEqual(await emojis(target.id), ['👍']);
    await post(messages(from, [reaction(from, target.id, '', now() - 10)]));
    assert.deepEqual(await emojis(target.id), []);
  });

  test('of somebody who was not known yet can be removed, too', async () => {
    const from = newCustomer();
    const target = { ...text(from), id: wamid('echo') };
    await post(messages(from, [reaction(from, target.id, '👍', now() - 20)]));
    await post(echoes(from, [target]));
    await post(messages(from, [text(from)]));
    assert.deepEqual(await emojis(target.id), ['👍']);
    await post(messages(from, [reaction(from, target.id, '', now() - 10)]));
    assert.deepEqual(await emojis(target.id), []);
  });

  test('of two members of a group are two', async () => {
    const [first, second] = [newCustomer(), newCustomer()];
    const group = `group-${wamid('g')}`;
    await post(messages(first, [text(first)]));
    await post(messages(second, [text(second)]));
    const target = text(first, 'Hello all', { group_id: group });
    await post(messages(first, [target]));
    await post(messages(first, [{ ...reaction(first, target.id, '👍', now() - 20), group_id: group }]));
    await post(messages(second, [{ ...reaction(second, target.id, '🎉', now() - 20), group_id: group }]));
    assert.deepEqual((await emojis(target.id)).sort(), ['🎉', '👍'].sort());
    await post(messages(first, [{ ...reaction(first, target.id, '', now() - 10), group_id: group }]));
    assert.deepEqual(await emojis(target.id), ['🎉']);
  });
});

describe('an edit', () => {
  const edit = (from, target, body, at = now(), more = {}) => ({
    from,
    id: wamid('edit'),
    timestamp: String(at),
    type: 'edit',
    edit: { original_message_id: target, message: { type: 'text', text: { body } } },
    ...more,
  });
  const versions = async (id) =>
    query(
      `SELECT v.message, v.payload FROM message_versions v JOIN chat_messages m ON m.account_id = v.account_id AND m.id = v.message_id
       WHERE m.whatsapp_message_id = $1 ORDER BY v.replaced_at`,
      [id],
    );

  test('replaces the text and keeps the old one', async () => {
    const from = newCustomer();
    const original = text(from, 'helo');
    await post(messages(from, [original]));
    const at = now() - 5;
    await post(messages(from, [edit(from, original.id, 'hello', at)]));
    const row = await shown(original.id);
    assert.equal(row.message, 'hello');
    assert.equal(Date.parse(row.edited_at), at * 1000);
    assert.deepEqual(await versions(original.id), [{ message: 'helo', payload: original }]);
    assert.equal((await onlyConversation(from)).unread_count, 1);
  });

  test('that is older than another one, or comes twice, changes nothing', async () => {
    const from = newCustomer();
    const original = text(from, 'one');
    await post(messages(from, [original]));
    const newer = edit(from, original.id, 'three', now() - 5);
    await post(messages(from, [newer]));
    await post(messages(from, [edit(from, original.id, 'two', now() - 50)]));
    await post(messages(from, [newer]));
    assert.equal((await message(original.id)).message, 'three');
    assert.equal((await versions(original.id)).length, 1);
  });

  test('before its message waits for it', async () => {
    const from = newCustomer();
    const original = text(from, 'helo', { timestamp: String(now() - 60) });
    await post(messages(from, [edit(from, original.id, 'hello', now() - 5)]));
    assert.equal((await parked(original.id)).length, 1);
    await post(messages(from, [original]));
    assert.equal((await message(original.id)).message, 'hello');
    assert.deepEqual(await versions(original.id), [{ message: 'helo', payload: original }]);
    assert.deepEqual(await parked(original.id), []);
  });

  test('and its message in one body, the edit first', async () => {
    const from = newCustomer();
    const original = text(from, 'helo', { timestamp: String(now() - 60) });
    await post(messages(from, [edit(from, original.id, 'hello', now() - 5), original]));
    assert.equal((await message(original.id)).message, 'hello');
  });

  test('of somebody else is not applied', async () => {
    const from = newCustomer();
    const original = text(from, 'mine');
    await post(messages(from, [original]));
    await post(echoes(from, [edit(from, original.id, 'theirs')]));
    assert.equal((await message(original.id)).message, 'mine');
  });

  const revoke = (from, target, at = now()) => ({
    from,
    id: wamid('revoke'),
    timestamp: String(at),
    type: 'revoke',
    revoke: { original_message_id: target },
  });

  test('of a message that was taken back is ignored', async () => {
    const from = newCustomer();
    const original = text(from, 'a secret');
    await post(messages(from, [original]));
    await post(messages(from, [revoke(from, original.id)]));
    const row = await shown(original.id);
    assert.notEqual(row.revoked_at, null);
    assert(!JSON.stringify(row).includes('a secret'));
    await post(messages(from, [edit(from, original.id, 'another secret', now() + 5)]));
    assert(!JSON.stringify(await shown(original.id)).includes('secret'));
  });

  test('and a revoke before their message: the message is taken back', async () => {
    const from = newCustomer();
    const original = text(from, 'a secret', { timestamp: String(now() - 60) });
    await post(messages(from, [revoke(from, original.id, now() - 5)]));
    await post(messages(from, [edit(from, original.id, 'another secret', now() - 10)]));
    assert.equal((await parked(original.id)).length, 2);
    await post(messages(from, [original]));
    const row = await shown(original.id);
    assert.notEqual(row.revoked_at, null);
    assert(!JSON.stringify(row).includes('secret'));
    assert.deepEqual(await parked(original.id), []);
  });
});

describe('a message from the phone app', () => {
  test('is a sent one of the agent and not unread', async () => {
    const to = newCustomer();
    const sent = text(to, 'from the phone');
    await post(echoes(to, [sent]));
    const row = await shown(sent.id);
    assert.deepEqual([row.sender, row.status, row.is_read, row.message], ['agent', 'sent', true, 'from the phone']);
    const conversation = await onlyConversation(to);
    assert.equal(conversation.unread_count, 0);
    assert.equal(conversation.last_incoming_at, null, 'it does not open the service window');
    assert.equal(conversation.customer_phone, to);
  });

  test('goes through the states that are told of it, also those that came before it', async () => {
    const to = newCustomer();
    const at = now() - 100;
    const sent = text(to, 'from the phone', { timestamp: String(at) });
    await post(statuses(sent.id, to, [['read', at + 3]]));
    await post(statuses(sent.id, to, [['delivered', at + 2]]));
    assert.equal((await parked(sent.id)).length, 2);
    await post(echoes(to, [sent]));
    const row = await shown(sent.id);
    assert.equal(row.status, 'read');
    assert.equal(Date.parse(row.status_times.delivered_at), (at + 2) * 1000);
    assert.equal(Date.parse(row.status_times.read_at), (at + 3) * 1000);
    assert.deepEqual(await parked(sent.id), []);
  });
});

describe('a customer', () => {
  const changedNumber = (from, to) => ({
    from,
    id: wamid('system'),
    timestamp: String(now()),
    type: 'system',
    system: { body: `User changed from ${from} to ${to}`, wa_id: to, type: 'user_changed_number' },
  });

  test('with a new number goes on in the same conversation', async () => {
    const [old, fresh] = [newCustomer(), newCustomer()];
    await post(messages(old, [text(old, 'before')]));
    const before = await onlyConversation(old);
    const note = delivery({ messages: [changedNumber(old, fresh)] });
    await post(note);
    await post(messages(fresh, [text(fresh, 'after')]));
    const after = await onlyConversation(fresh);
    assert.equal(after.id, before.id);
    assert.equal(after.customer_phone, fresh);
    assert.equal(after.unread_count, 2, 'the note is not unread');
    assert.deepEqual(await conversations(old), []);

    // The note delivered again, and an old message of the old number: no ghost of the old number comes back.
    const [{ n: contacts }] = await query('SELECT count(*) AS n FROM contacts');
    await post(note);
    assert.deepEqual(await conversations(old), []);
    const [{ n: contactsAfter }] = await query('SELECT count(*) AS n FROM contacts');
    assert.equal(contactsAfter, contacts);
  });

  test('with a new number is not given up when an old delivery comes again', async () => {
    const [old, fresh] = [newCustomer(), newCustomer()];
    const first = messages(old, [text(old, 'before')]);
    await post(first);
    await post(delivery({ messages: [changedNumber(old, fresh)] }));
    await post(first);
    assert.deepEqual(await conversations(old), []);
    assert.equal((await onlyConversation(fresh)).unread_count, 1);
  });

  test('who gets the number of somebody else does not get the conversation', async () => {
    const [old, fresh] = [newCustomer(), newCustomer()];
    await post(messages(old, [text(old, 'the first owner')]));
    const before = await onlyConversation(old);
    await post(delivery({ messages: [changedNumber(old, fresh)] }));
    await post(messages(old, [text(old, 'the second owner')]));
    const second = await onlyConversation(old);
    assert.notEqual(second.id, before.id);
    assert.equal((await onlyConversation(fresh)).id, before.id);
  });

  const userId = () => `US.${process.pid}${newCustomer()}`;

  test('with a new user id goes on in the same conversation (field user_id_update)', async () => {
    const from = newCustomer();
    const [old, fresh] = [userId(), userId()];
    await post(delivery({ contacts: [{ ...contact(from), user_id: old }], messages: [text(from, 'one', { from_user_id: old })] }));
    const before = await onlyConversation(from);
    await post(
      delivery(
        { contacts: [contact(from)], user_id_update: [{ wa_id: from, user_id: { previous: old, current: fresh }, timestamp: String(now()) }] },
        { field: 'user_id_update' },
      ),
    );
    // Now known by the user id alone.
    await post(delivery({ contacts: [{ profile: { name: 'Sheena' }, user_id: fresh }], messages: [{ ...text(undefined, 'two'), from_user_id: fresh }] }));
    assert.equal((await onlyConversation(fresh)).id, before.id);
    assert.deepEqual(await conversations(old), []);
  });

  test('with a new number and user id goes on in the same conversation (user_changed_user_id)', async () => {
    const [oldNumber, newNumber] = [newCustomer(), newCustomer()];
    const [old, fresh] = [userId(), userId()];
    await post(delivery({ contacts: [{ ...contact(oldNumber), user_id: old }], messages: [text(oldNumber, 'one', { from_user_id: old })] }));
    const before = await onlyConversation(oldNumber);
    const system = { body: `User Sheena Nelson changed from ${old} to ${fresh}`, user_id: fresh, wa_id: newNumber, type: 'user_changed_user_id' };
    const note = delivery({ messages: [{ from: oldNumber, id: wamid('system'), timestamp: String(now()), type: 'system', system }] });
    await post(note);
    await post(delivery({ contacts: [{ ...contact(newNumber), user_id: fresh }], messages: [text(newNumber, 'two', { from_user_id: fresh })] }));
    const after = await onlyConversation(newNumber);
    assert.equal(after.id, before.id);
    assert.equal(after.customer_phone, newNumber);
    assert.equal((await onlyConversation(fresh)).id, before.id);
    await post(note);
    for (const gone of [old, oldNumber]) assert.deepEqual(await conversations(gone), []);
  });

  test('who hides the number has a conversation, and keeps it when the number is known later', async () => {
    const id = userId();
    const hidden = (body) =>
      delivery({ contacts: [{ profile: { name: 'Sheena' }, user_id: id }], messages: [{ ...text(undefined, body), from_user_id: id }] });
    await post(hidden('one'));
    const before = await onlyConversation(id);
    assert.equal(before.customer_phone, id);
    const from = newCustomer();
    await post(delivery({ contacts: [{ ...contact(from, 'Sheena'), user_id: id }], messages: [text(from, 'two', { from_user_id: id })] }));
    const after = await onlyConversation(from);
    assert.equal(after.id, before.id);
    assert.equal(after.customer_phone, from);
    assert.equal(after.unread_count, 2);
    await post(hidden('three'));
    assert.equal((await onlyConversation(id)).customer_phone, from);
  });

  test('whose number comes in the same body as the first message without it has one conversation with the number', async () => {
    const id = userId();
    const from = newCustomer();
    await post({
      object: 'whatsapp_business_account',
      entry: [
        entry({ contacts: [{ profile: { name: 'Sheena' }, user_id: id }], messages: [{ ...text(undefined, 'one'), from_user_id: id }] }),
        entry({ contacts: [{ ...contact(from, 'Sheena'), user_id: id }], messages: [text(from, 'two', { from_user_id: id })] }),
      ],
    });
    const conversation = await onlyConversation(id);
    assert.equal((await onlyConversation(from)).id, conversation.id);
    assert.equal(conversation.customer_phone, from);
    assert.equal(conversation.unread_count, 2);
  });

  test('who takes another profile name is shown under it, and an old delivery does not take it back', async () => {
    const from = newCustomer();
    const first = messages(from, [text(from, 'one', { timestamp: String(now() - 60) })], { name: 'Old Name' });
    await post(first);
    assert.equal((await onlyConversation(from)).customer_name, 'Old Name');
    const second = messages(from, [text(from, 'two')], { name: 'New Name' });
    await post(second);
    assert.equal((await onlyConversation(from)).customer_name, 'New Name');
    const [{ event_offset: offset }] = await query('SELECT event_offset FROM accounts');
    await post(first);
    await post(second);
    assert.equal((await onlyConversation(from)).customer_name, 'New Name');
    const [{ event_offset: after }] = await query('SELECT event_offset FROM accounts');
    assert.equal(after, offset, 'deliveries that came before made events');
    const [{ name }] = await query('SELECT k.name FROM contacts k JOIN contact_identities i ON i.contact_id = k.id WHERE i.value = $1', [from]);
    assert.equal(name, 'New Name');
  });

  test('in a group is not the group: one conversation per group', async () => {
    const [first, second] = [newCustomer(), newCustomer()];
    const group = `group-${wamid('g')}`;
    await post(messages(first, [text(first, 'privately')]));
    await post(messages(first, [text(first, 'to all', { group_id: group })]));
    await post(messages(second, [text(second, 'to all, too', { group_id: group })]));
    const conversation = await onlyConversation(group);
    assert.equal(conversation.unread_count, 2);
    const { body } = await api(server, 'GET', `/api/live-chat/conversations/${conversation.id}`);
    assert.equal((body.conversation ?? body).is_group, true);
    const alone = await onlyConversation(first);
    assert.equal(alone.unread_count, 1);
    assert.deepEqual(await conversations(second), []);
  });
});

describe('a batch', () => {
  test('of several contacts, messages, values and entries is stored whole, each with its own', async () => {
    const people = Array.from({ length: 12 }, newCustomer);
    const body = {
      object: 'whatsapp_business_account',
      entry: [people.slice(0, 6), people.slice(6)].map((some) => {
        const both = [some.slice(0, 3), some.slice(3)];
        const [first, second] = both.map((three) =>
          entry({
            // In another order than the messages.
            contacts: three.map((from) => contact(from, `Name of ${from}`)).reverse(),
            messages: three.flatMap((from) => [text(from, `first of ${from}`), text(from, `second of ${from}`)]),
          }),
        );
        return { id: wabaId, changes: [...first.changes, ...second.changes] };
      }),
    };
    await post(body);
    for (const from of people) {
      const conversation = await onlyConversation(from);
      assert.equal(conversation.customer_name, `Name of ${from}`);
      assert.equal(conversation.unread_count, 2);
      const rows = await query('SELECT message FROM chat_messages WHERE conversation_id = $1 ORDER BY id', [conversation.id]);
      assert.deepEqual(rows, [{ message: `first of ${from}` }, { message: `second of ${from}` }]);
    }
  });

  test('with ids and times of the other JSON type is understood', async () => {
    const from = newCustomer();
    const at = now() - 5;
    const numeric = text(from, 'numbers', { timestamp: at });
    const value = { contacts: [contact(Number(from))], messages: [{ ...numeric, from: Number(from) }] };
    const body = delivery(value);
    body.entry[0].id = Number(wabaId);
    body.entry[0].changes[0].value.metadata.phone_number_id = Number(phoneNumberId);
    await post(body);
    const row = await message(numeric.id);
    assert.equal(Math.floor(row.created_at.getTime() / 1000), at);
    assert.equal((await onlyConversation(from)).customer_phone, from);
  });

  test('with times that cannot be is stored, and sorted as if they could', async () => {
    const from = newCustomer();
    const times = { zero: '0', negative: '-5', 'of 2040': '2209000000', fractional: '1749416383.5', huge: '99999999999999999999', words: 'yesterday', absent: undefined, null: null, object: {} };
    const list = Object.entries(times).map(([name, timestamp]) => text(from, name, { timestamp }));
    await post(messages(from, list));
    const arrival = Date.now();
    const expected = { zero: Date.UTC(2009, 0, 1), negative: Date.UTC(2009, 0, 1), fractional: 1749416383000 };
    for (const each of list) {
      const name = each.text.body;
      const row = await message(each.id);
      assert(row, `${name} is not stored`);
      const at = row.created_at.getTime();
      if (expected[name]) assert.equal(at, expected[name], name);
      else assert(Math.abs(at - arrival) < 60_000, `${name} is at ${row.created_at.toISOString()}`);
      // What Meta said stays readable.
      assert.deepEqual(row.payload.timestamp, each.timestamp);
    }
    assert((await onlyConversation(from)).last_message_at.getTime() <= arrival + 60_000);
  });

  test('with characters that cannot be stored keeps the rest of the text, and the body as it came', async () => {
    const from = newCustomer();
    const id = wamid('characters');
    const ordinary = wire(messages(from, [{ ...text(from, 'HERE'), id }], { name: 'NAME' }));
    const sent = ordinary.replace('HERE', 'a\\u0000b\\ud800c\\udc00d').replace('NAME', 'Nul \\u0000 Name');
    await post(sent);
    const row = await message(id);
    assert.equal(row.message, 'a\ufffdb\ufffdc\ufffdd');
    assert.equal(row.payload.text.body, 'a\ufffdb\ufffdc\ufffdd');
    assert.equal((await onlyConversation(from)).customer_name, 'Nul \ufffd Name');
    assert.equal((await lastDelivery()).body.toString(), sent);

    const bytes = Buffer.from(ordinary.replace(id, `${id}2`).replace('HERE', 'x_y'));
    bytes[bytes.indexOf('x_y') + 1] = 0xff;
    await post(bytes);
    assert.equal((await message(`${id}2`)).message, 'x\ufffdy');
    assert.deepEqual((await lastDelivery()).body, bytes);
  });

  test('of an unknown type, in a future shape, is shown as unsupported and kept whole', async () => {
    const from = newCustomer();
    const future = { from, id: wamid('future'), timestamp: String(now()), type: 'hologram', hologram: { beams: [1, 2.5, { a: null }] } };
    await post(messages(from, [future]));
    const row = await shown(future.id);
    assert.equal(row.message_type, 'hologram');
    assert.match(row.message, /^Unsupported message/);
    assert.deepEqual(row.payload, future);
    assert.equal((await onlyConversation(from)).unread_count, 1);
  });

  test('with malformed neighbours stores the others and is kept as partly stored', async () => {
    const from = newCustomer();
    const good = [text(from, 'first'), text(from, 'last')];
    await post(messages(from, [good[0], null, 'text', 5, [], {}, { from, type: 'text' }, { id: wamid(), type: 'text' }, good[1]]));
    const conversation = await onlyConversation(from);
    const rows = await query('SELECT whatsapp_message_id AS id FROM chat_messages WHERE conversation_id = $1', [conversation.id]);
    for (const { id } of good) assert(rows.some((row) => row.id === id));
    assert.equal((await lastDelivery()).state, 'partial');
  });
});

describe('a number that is not configured', () => {
  test('of a known WABA is added to its account', async () => {
    const from = newCustomer();
    const number = `7${Date.now()}`;
    await post(messages(from, [text(from)], { number }));
    const [row] = await query('SELECT account_id, waba_id, display_phone_number FROM phone_numbers WHERE phone_number_id = $1', [number]);
    assert.deepEqual(row, { account_id: 1, waba_id: wabaId, display_phone_number: '15550783881' });
    assert.equal((await onlyConversation(from)).phone_number_id, number);
    assert.equal((await lastDelivery()).state, 'stored');
    const { body } = await api(server, 'GET', '/api/live-chat/phone-numbers');
    assert(JSON.stringify(body).includes(number));
  });

  test('has a conversation of its own with a customer of another number', async () => {
    const from = newCustomer();
    const number = `8${Date.now()}`;
    await post(messages(from, [text(from)]));
    await post(messages(from, [text(from)], { number }));
    const both = await conversations(from);
    assert.deepEqual(both.map(({ phone_number_id: id }) => id).sort(), [phoneNumberId, number].sort());
    assert.equal(new Set(both.map(({ contact_id: id }) => id)).size, 1);
  });

  test('of an unknown WABA makes a dead letter, until it is added and replayed', async () => {
    const from = newCustomer();
    const [number, waba] = [`9${Date.now()}`, `5${Date.now()}`];
    const lost = text(from, 'found again', { timestamp: String(now() - 60) });
    const body = wire(messages(from, [lost], { number, waba }));
    await post(body);
    const dead = await lastDelivery();
    assert.equal(dead.state, 'dead');
    assert.match(dead.problem, new RegExp(number));
    assert.equal(dead.body.toString(), body);
    assert.equal(await message(lost.id), undefined);

    await run(['number', 'add', '--account', '1', '--phone-number-id', number, '--waba', waba, '--display', '+1 555'], { env: server.variables });
    await run(['webhooks', 'replay'], { env: server.variables });
    assert.equal((await shown(lost.id)).message, 'found again');
    const [row] = await query('SELECT state, problem, account_id, replayed_at FROM webhook_deliveries WHERE id = $1', [dead.id]);
    assert.deepEqual([row.state, row.problem, row.account_id], ['stored', null, 1]);
    assert.notEqual(row.replayed_at, null);

    // Replayed and delivered again: still once.
    await run(['webhooks', 'replay'], { env: server.variables });
    await post(body);
    assert.equal((await onlyConversation(from)).unread_count, 1);
  });

  test('beside a configured one does not keep its messages from being stored', async () => {
    const [from, stranger] = [newCustomer(), newCustomer()];
    const good = text(from);
    await post({
      object: 'whatsapp_business_account',
      entry: [
        entry({ contacts: [contact(stranger)], messages: [text(stranger)] }, { number: '1', waba: '2' }),
        entry({ contacts: [contact(from)], messages: [good] }),
      ],
    });
    assert.equal((await onlyConversation(from)).unread_count, 1);
    assert.equal((await lastDelivery()).state, 'partial');
  });
});

describe('poison', () => {
  const poisonous = (from) => text(from, 'poison', { id: `wamid.${'x'.repeat(600)}` });

  test('in a batch of 1,000 messages: the other 999 are stored', async (t) => {
    const people = Array.from({ length: 50 }, newCustomer);
    const list = Array.from({ length: 1000 }, (_, i) => text(people[i % 50], `message ${i}`));
    list[617] = poisonous(people[617 % 50]);
    const before = performance.now();
    await post(delivery({ contacts: people.map((from) => contact(from)), messages: list }));
    t.diagnostic(`${Math.round(performance.now() - before)} ms`);
    const journal = await lastDelivery();
    assert.equal(journal.state, 'partial');
    const [{ n }] = await query('SELECT count(*) AS n FROM chat_messages WHERE whatsapp_message_id = ANY ($1)', [list.map(({ id }) => id)]);
    assert.equal(n, 999);
    const [{ unread }] = await query('SELECT sum(unread_count) AS unread FROM chat_conversations WHERE customer_phone = ANY ($1)', [people]);
    assert.equal(Number(unread), 999);
    await assertGaplessEvents();
  });

  test('in two deliveries among many does not hurt the neighbours', async () => {
    const people = Array.from({ length: 100 }, newCustomer);
    const bodies = people.map((from) => messages(from, [text(from)]));
    const bad = [poisonous(people[20]), poisonous(people[70])];
    bodies.splice(20, 0, messages(people[20], [bad[0]]));
    bodies.splice(70, 0, messages(people[70], [bad[1], text(people[70])]));
    const before = await query("SELECT count(*) AS n FROM webhook_deliveries WHERE state <> 'stored'");
    await postAll(server, bodies, { connections: 32 });
    const rows = await query('SELECT customer_phone, unread_count FROM chat_conversations WHERE customer_phone = ANY ($1)', [people]);
    assert.equal(rows.length, 100);
    for (const { customer_phone: phone, unread_count: unread } of rows) assert.equal(unread, phone === people[70] ? 2 : 1);
    const after = await query("SELECT count(*) AS n FROM webhook_deliveries WHERE state <> 'stored'");
    assert.equal(after[0].n - before[0].n, 2);
    await assertGaplessEvents();
  });

  const long = (length) => 'y'.repeat(length);
  const kinds = {
    'a number id of 100 digits of our WABA': () => messages(newCustomer(), [text(newCustomer())], { number: '1'.repeat(100) }),
    'a number id of 100 digits of our WABA, and no message': () => delivery({}, { number: '1'.repeat(100) }),
    'a customer id of 300 characters': () => messages(long(300), [text(long(300))]),
    'a group id of 3,000 characters': () => messages(newCustomer(), [text(newCustomer(), 'a', { group_id: long(3000) })]),
    'a user name of 300 characters': () => {
      const from = newCustomer();
      return delivery({ contacts: [{ profile: { name: 'A', username: long(300) }, wa_id: from }], messages: [text(from)] });
    },
    'a status of an id of 600 characters': () => statuses(long(600), newCustomer(), [['sent', now()]]),
    'an edit of an id of 600 characters': () => {
      const from = newCustomer();
      return messages(from, [{ from, id: wamid(), timestamp: '1', type: 'edit', edit: { original_message_id: long(600), message: { type: 'text', text: { body: 'a' } } } }]);
    },
    'a reaction of 200 characters': () => {
      const from = newCustomer();
      const target = text(from);
      return messages(from, [target, { from, id: wamid(), timestamp: '1', type: 'reaction', reaction: { message_id: target.id, emoji: long(200) } }]);
    },
    'a waba id of 10,000 characters': () => messages(newCustomer(), [text(newCustomer())], { waba: long(10_000), number: '4' }),
    'numbers too large for any column': () => {
      const from = newCustomer();
      const raw = wire(messages(from, [text(from, 'a', { number: 'HERE' })]));
      return raw.replace('"HERE"', '1e400');
    },
    'a text of a million characters': () => {
      const from = newCustomer();
      return messages(from, [text(from, long(1_000_000))]);
    },
    'an error code beyond 64 bits': () => {
      const raw = wire(statuses(wamid(), newCustomer(), [['failed', now(), { errors: [{ code: 'HERE', title: 'x' }] }]]));
      return raw.replace('"HERE"', '99999999999999999999');
    },
  };
  for (const [what, make] of Object.entries(kinds)) {
    test(`of the kind "${what}" is answered 200 with good neighbours`, async () => {
      const from = newCustomer();
      const good = Array.from({ length: 6 }, () => messages(from, [text(from)]));
      const bad = make();
      await postAll(server, [...good.slice(0, 3), bad, ...good.slice(3)], { connections: 7 });
      assert.equal((await onlyConversation(from)).unread_count, 6);
      // A journal row for every one of them, the bad one byte for byte.
      const rows = await query('SELECT state FROM webhook_deliveries WHERE body = $1', [Buffer.from(typeof bad === 'string' ? bad : wire(bad))]);
      assert.equal(rows.length, 1);
      await assertGaplessEvents();
    });
  }
});
