// Deliveries in Meta's shapes, and posting many of them at once.
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { checkAnswer } from './contract.mjs';
import { phoneNumberId, sign, wabaId, wire } from './http.mjs';

/** A message id that occurs nowhere else. */
export function wamid(label = 'test') {
  return `wamid.${label}.${randomBytes(9).toString('base64url')}`;
}

let person = 0;

/** A WhatsApp id that no other customer of this test file has. */
export function newCustomer() {
  return `1650${String((process.pid % 9000) + 1000)}${String(++person).padStart(6, '0')}`;
}

/** One change in one entry: `value` holds contacts, messages, statuses, message_echoes. */
export function delivery(value, options = {}) {
  return { object: 'whatsapp_business_account', entry: [entry(value, options)] };
}

export function entry(value, { number = phoneNumberId, waba = wabaId, field = 'messages' } = {}) {
  const metadata = { display_phone_number: '15550783881', phone_number_id: number };
  return { id: waba, changes: [{ value: { messaging_product: 'whatsapp', metadata, ...value }, field }] };
}

export const now = () => Math.floor(Date.now() / 1000);

/** A text message object; any member can be replaced. */
export function text(from, body = 'Hello', more = {}) {
  return { from, id: wamid('text'), timestamp: String(now()), type: 'text', text: { body }, ...more };
}

export function contact(waId, name = 'Sheena Nelson') {
  return { profile: { name }, wa_id: waId };
}

/** The delivery of messages of one customer. */
export function messages(from, list, { name = 'Sheena Nelson', ...options } = {}) {
  return delivery({ contacts: [contact(from, name)], messages: list }, options);
}

/** The delivery of messages that the business sent from its phone app. */
export function echoes(to, list) {
  return delivery({ message_echoes: list.map((message) => ({ to, ...message, from: '15550783881' })) }, { field: 'smb_message_echoes' });
}

/** The delivery of statuses: each is [state, Unix seconds] or [state, Unix seconds, further members]. */
export function statuses(id, recipient, list) {
  return delivery({
    statuses: list.map(([status, timestamp, more]) => ({ id, status, timestamp: String(timestamp), recipient_id: recipient, ...more })),
  });
}

/** Keep-alive connections, each with one request at a time, for loads. */
export class Sender {
  #agent;

  constructor(server, connections) {
    this.server = server;
    this.connections = connections;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Posts one signed delivery: { status, headers, text }. Rejects when the connection breaks. */
  post(body) {
    const bytes = Buffer.from(typeof body === 'string' ? body : wire(body));
    const headers = { 'Content-Type': 'application/json', 'Content-Length': bytes.length, 'X-Hub-Signature-256': sign(bytes) };
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.server.port, path: '/webhook', method: 'POST', agent: this.#agent, headers };
      const sent = request(options, (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (data) => (received += data));
        response.on('error', reject);
        response.on('end', () => {
          const answer = { status: response.statusCode, headers: response.headers, text: received };
          try {
            checkAnswer({ method: 'POST', url: '/webhook', status: answer.status, headers: answer.headers, body: received });
            resolve(answer);
          } catch (error) {
            reject(error);
          }
        });
      });
      sent.on('error', reject);
      sent.end(bytes);
    });
  }

  /** Posts all, as many at once as there are connections, and gives the answers in order. */
  async postAll(bodies) {
    const answers = new Array(bodies.length);
    let next = 0;
    const worker = async () => {
      while (next < bodies.length) {
        const index = next++;
        answers[index] = await this.post(bodies[index]);
      }
    };
    await Promise.all(Array.from({ length: this.connections }, worker));
    return answers;
  }

  close() {
    this.#agent.destroy();
  }
}

/** Posts all deliveries over so many connections; every one must be answered 200. */
export async function postAll(server, bodies, { connections = 16 } = {}) {
  const sender = new Sender(server, connections);
  try {
    const answers = await sender.postAll(bodies);
    const refused = answers.find(({ status }) => status !== 200);
    if (refused) throw new Error(`a delivery was answered ${refused.status}: ${refused.text}`);
    return answers;
  } finally {
    sender.close();
  }
}
