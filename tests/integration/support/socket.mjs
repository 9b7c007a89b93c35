// Event sockets as the inbox opens them. Every frame, both ways, is checked against contract/events.yaml.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import WebSocket from 'ws';
import { parse } from 'yaml';
import { checkAnswer } from './contract.mjs';
import { token } from './http.mjs';
import { eventually, onEnd } from './process.mjs';

export const eventsPath = '/api/live-chat/events';
export const subprotocol = 'parley.v1';

const read = (name) => parse(readFileSync(new URL(`../../../contract/${name}`, import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: false, allErrors: false });
addFormats(ajv);
const schema = read('events.yaml');
ajv.addSchema(read('openapi.yaml'), new URL('openapi.yaml', schema.$id).href, false, false);
ajv.addSchema(schema, schema.$id, false, false);

const validators = Object.fromEntries(
  Object.keys(schema.$defs).map((name) => [name, ajv.compile({ $ref: `${schema.$id}#/$defs/${name}` })]),
);
/** The frame types of the server and their schemas: a frame is checked against its own, so that what is wrong is told. */
const serverTypes = Object.fromEntries(
  schema.$defs.Server.oneOf.map(({ $ref }) => $ref.split('/').at(-1)).map((name) => [schema.$defs[name].properties.type.const, name]),
);

function check(name, frame) {
  assert(name, `${frame.type} is a frame that the contract does not know`);
  if (validators[name](frame)) return;
  const errors = validators[name].errors.map(({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`);
  assert.fail(`the frame ${JSON.stringify(frame).slice(0, 2000)} is not what the contract says: ${errors.join('; ')}`);
}

const open = new Set();
onEnd(async () => open.forEach((socket) => socket.terminate()));

/** One event socket. `frames` is everything that came; `events` the events in it. */
export class EventSocket {
  frames = [];
  events = [];
  closed = null;
  wrong = null;

  constructor(server, { protocol = subprotocol, headers = {}, path = eventsPath, agent } = {}) {
    this.url = `ws://127.0.0.1:${server.port}${path}`;
    this.ws = new WebSocket(this.url, protocol, { headers, agent, perMessageDeflate: false });
    open.add(this.ws);
    this.opened = new Promise((resolve, reject) => {
      this.ws.on('open', () => resolve(this));
      this.ws.on('unexpected-response', (_, response) => {
        let body = '';
        response.on('data', (data) => (body += data));
        response.on('end', () => {
          this.ws.terminate();
          try {
            checkAnswer({ method: 'GET', url: path, status: response.statusCode, headers: response.headers, body });
          } catch (error) {
            return reject(error);
          }
          reject(Object.assign(new Error(`the handshake was answered ${response.statusCode}`), { status: response.statusCode, body: JSON.parse(body) }));
        });
      });
      this.ws.on('error', reject);
    });
    this.opened.catch(() => {});
    this.ws.on('message', (data, binary) => this.#take(data, binary));
    this.ws.on('close', (code, reason) => {
      open.delete(this.ws);
      this.closed = { code, reason: String(reason) };
    });
  }

  #take(data, binary) {
    try {
      assert(!binary, 'the server sent a binary message');
      const frame = JSON.parse(data);
      check(serverTypes[frame.type], frame);
      this.frames.push(frame);
      if (frame.type === 'event') this.events.push(frame);
      this.onFrame?.(frame);
    } catch (error) {
      this.wrong ??= error;
    }
  }

  /** Sends text as it is, or an object that the contract knows; `unchecked` lets wrong ones through. */
  send(frame, { unchecked = false } = {}) {
    if (typeof frame === 'string' || Buffer.isBuffer(frame)) return this.ws.send(frame);
    if (!unchecked) check('Client', frame);
    this.ws.send(JSON.stringify(frame));
  }

  /** The first frame from `from` on for which `wanted` (a type or a function) holds. */
  async frame(wanted, { from = 0, timeout = 10_000 } = {}) {
    const holds = typeof wanted === 'function' ? wanted : ({ type }) => type === wanted;
    const found = () => this.frames.slice(from).find(holds);
    await eventually(() => found() ?? this.wrong ?? this.closed, { timeout, interval: 5 }).catch(() => {
      throw new Error(`no such frame among ${this.frames.length}`);
    });
    this.assertRight();
    return found() ?? assert.fail(`closed with ${this.closed.code} ${this.closed.reason}`);
  }

  event(wanted, options) {
    const holds = typeof wanted === 'string' ? ({ name }) => name === wanted : wanted;
    return this.frame((frame) => frame.type === 'event' && holds(frame), options);
  }

  /** { code, reason } once it is closed. */
  async end({ timeout = 10_000 } = {}) {
    return eventually(() => this.closed, { timeout, interval: 5 }).finally(() => this.assertRight());
  }

  /** Says auth and waits for the answer, `ready`. */
  async authenticate({ token: bearer = token(), resume } = {}) {
    this.send({ type: 'auth', token: bearer, ...(resume === undefined ? {} : { resume }) });
    this.ready = await this.frame('ready');
    return this.ready;
  }

  /** What to say in `resume`. */
  position() {
    return { epoch: this.ready.epoch, offset: this.events.at(-1)?.offset ?? this.ready.offset };
  }

  assertRight() {
    if (this.wrong) throw this.wrong;
  }

  /** The events follow each other and the answer to auth without a hole or a repeat. */
  assertGapless() {
    this.assertRight();
    this.events.forEach(({ offset }, i) => assert.equal(offset, this.ready.offset + 1 + i, 'a hole or a repeat'));
  }

  close() {
    this.ws.close();
  }
  /** As when the cable is pulled. */
  terminate() {
    this.ws.terminate();
  }
}

/** An open socket that has not said anything yet. */
export function openSocket(server, options) {
  return new EventSocket(server, options).opened;
}

/** An open and authenticated socket. */
export async function connectAgent(server, { token: bearer, resume, ...options } = {}) {
  const socket = await openSocket(server, options);
  await socket.authenticate({ ...(bearer ? { token: bearer } : {}), resume });
  return socket;
}

/** The refusal of a handshake: { status, body }. */
export async function refusedHandshake(server, options) {
  return new EventSocket(server, options).opened.then(
    () => assert.fail('the handshake was accepted'),
    (error) => {
      if (error.status === undefined) throw error;
      return error;
    },
  );
}
