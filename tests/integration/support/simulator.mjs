// A server and the double of Meta's Cloud API, connected both ways, and the double's control API.
import assert from 'node:assert/strict';
import { eventually } from './process.mjs';
import { api, appSecret, phoneNumberId, verifyToken, wabaId } from './http.mjs';
import { startServer, startSimulator } from './server.mjs';

export const graphToken = 'EAAG-the-graph-token-of-the-integration-tests';

/** One request to the simulator's control API; fails unless it says 200. Gives the parsed answer. */
export async function control(simulator, method, path, body) {
  const response = await fetch(new URL(`/_sim/${path}`, simulator.url), {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, `${method} /_sim/${path}: ${JSON.stringify(answer)}`);
  return answer;
}

/** The variables with which a server sends through this simulator. */
export const sendingThrough = (simulator) => ({ WA_TOKEN: graphToken, PARLEY_GRAPH_URL: simulator.url });

/** The simulator with the tests' number and secrets. */
export function startTestSimulator(port = 0) {
  return startSimulator({
    port,
    env: {
      WA_APP_SECRET: appSecret,
      WA_VERIFY_TOKEN: verifyToken,
      WA_TOKEN: graphToken,
      WA_PHONE_NUMBER_ID: phoneNumberId,
      WA_BUSINESS_ACCOUNT_ID: wabaId,
      WA_DISPLAY_PHONE_NUMBER: '15550783881',
    },
  });
}

/** Points the simulator's webhooks at a server, as one does in Meta's dashboard: with the handshake. */
export async function deliverTo(simulator, server) {
  const webhook = await control(simulator, 'PUT', 'webhook', { url: `${server.url}/webhook` });
  assert(JSON.stringify(webhook).includes(`${server.url}/webhook`));
}

/** A simulator and a server that sends through it and gets its webhooks. */
export async function startPair(options = {}) {
  const simulator = await startTestSimulator();
  const server = await startServer({ ...options, env: { ...sendingThrough(simulator), ...options.env } });
  await deliverTo(simulator, server);
  return { simulator, server };
}

/** A customer writes; the message is stored when this returns. Gives the simulator's answer, with `wamid`. */
export async function customerWrites(simulator, from, text, more = {}) {
  const answer = await control(simulator, 'POST', 'inbound', { from, text, wait: true, ...more });
  assert.equal(answer.delivered, true, `the webhook of ${from} was not taken: ${JSON.stringify(answer)}`);
  return answer;
}

/** What the business sent to one phone, oldest first. */
export async function onPhone(simulator, to) {
  return (await control(simulator, 'GET', `messages?to=${encodeURIComponent(to)}`)).messages;
}

/** The conversation with this customer, as the API shows it. */
export async function conversationWith(server, customer, options) {
  const { body } = await api(server, 'GET', `/api/live-chat/conversations?q=${encodeURIComponent(customer)}`, options);
  return body.conversations.find((conversation) => conversation.customer_phone === customer);
}

/** A message of a conversation as the API shows it, without marking anything as read. */
export async function messageOf(server, conversation, id) {
  const path = `/api/live-chat/messages?conversation_id=${conversation}&mark_read=false&limit=200`;
  const { body } = await api(server, 'GET', path);
  return body.messages.find((message) => message.id === id);
}

/** Waits until a message has this status and gives it. */
export function untilStatus(server, conversation, id, status, options) {
  return eventually(async () => {
    const message = await messageOf(server, conversation, id);
    if (message?.status !== status) throw new Error(`message ${id} is ${message?.status}, not ${status}`);
    return message;
  }, options);
}

/** POST send-message. */
export function reply(server, body, options = {}) {
  return api(server, 'POST', '/api/live-chat/send-message', { body, ...options });
}
