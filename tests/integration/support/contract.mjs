// Checks answers of the server against contract/openapi.yaml.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const document = parse(readFileSync(new URL('../../../contract/openapi.yaml', import.meta.url), 'utf8'));

// An OpenAPI document is not a schema itself, but its schemas refer to each other by pointers into it.
const ajv = new Ajv2020({ strict: false, allErrors: true, verbose: true });
addFormats(ajv);
ajv.addSchema(document, 'contract', false, false);

const methods = ['get', 'put', 'post', 'patch', 'delete', 'options'];
const operations = Object.entries(document.paths).flatMap(([template, item]) =>
  methods
    .filter((method) => item[method])
    .map((method) => ({
      method,
      template,
      matches: new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`),
      responses: pointerTo('paths', template, method, 'responses'),
    })),
);

function pointerTo(...names) {
  return names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The node at a pointer, with `$ref`s followed; answers where it really is, too. */
function find(pointer) {
  let at = '';
  let node = document;
  for (const part of pointer.split('/').slice(1)) {
    node = node?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    at += `/${part}`;
    if (typeof node?.$ref === 'string' && Object.keys(node).length === 1) {
      ({ node, pointer: at } = find(node.$ref.slice(1)));
    }
    if (node === undefined) return { node, pointer: at };
  }
  return { node, pointer: at };
}

const compiled = new Map();

function validate(pointer, value, subject) {
  if (!compiled.has(pointer)) compiled.set(pointer, ajv.compile({ $ref: `contract#${encodeURI(pointer)}` }));
  const schema = compiled.get(pointer);
  if (schema(value)) return;
  const errors = schema.errors.map(({ instancePath, message, params, data }) => {
    const more = params.additionalProperty ?? params.unevaluatedProperty ?? params.allowedValue ?? params.allowedValues;
    const found = typeof data === 'object' && data !== null ? '' : `, found ${JSON.stringify(data)}`;
    return `  ${instancePath || '(whole)'}: ${message}${more === undefined ? '' : ` ${JSON.stringify(more)}`}${found}`;
  });
  assert.fail(`${subject} is not what the contract says:\n${[...new Set(errors)].join('\n')}`);
}

/** JSON.parse keeps the last of two members with the same name in silence; other readers keep the first. */
function assertNoDoubleMembers(text, subject) {
  const objects = [];
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    if (token === '{') objects.push(new Set());
    else if (token === '}') objects.pop();
    else if (colon) {
      assert(!objects.at(-1).has(string), `${subject} has the member ${string} twice`);
      objects.at(-1).add(string);
    }
  }
}

function headerGetter(headers) {
  if (typeof headers.get === 'function') return (name) => headers.get(name) ?? undefined;
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  return (name) => lower[name.toLowerCase()];
}

function responsesFor(method, path) {
  const samePath = operations.filter((operation) => operation.matches.test(path));
  // A literal path goes before one with parameters.
  samePath.sort((a, b) => a.template.includes('{') - b.template.includes('{'));
  const wanted = method === 'head' ? 'get' : method;
  return samePath.find((operation) => operation.method === wanted)?.responses ?? pointerTo('x-no-operation');
}

/**
 * Throws an AssertionError when an answer is not one that the contract documents: its status, content type, headers
 * and body. `url` is a path or a whole URL, `headers` a Headers or an object, `body` the text as it came.
 */
export function checkAnswer({ method, url, status, headers, body = '' }) {
  const path = new URL(url, 'http://localhost').pathname;
  const lowerMethod = method.toLowerCase();
  const subject = `${method.toUpperCase()} ${path}: ${status}`;
  const header = headerGetter(headers);
  const text = String(body);

  const response = [responsesFor(lowerMethod, path), pointerTo('x-any-request')]
    .map((pointer) => find(`${pointer}/${status}`))
    .find(({ node }) => node);
  assert(response, `${subject} is a status that the contract does not document; the body is ${text.slice(0, 500)}`);

  for (const name of Object.keys(response.node.headers ?? {})) {
    const described = find(`${response.pointer}/headers/${pointerTo(name).slice(1)}`);
    const value = header(name);
    assert(value !== undefined || !described.node.required, `${subject} has no ${name} header`);
    if (value === undefined) continue;
    const numeric = find(`${described.pointer}/schema`).node.type === 'integer' && /^\d+$/.test(value);
    validate(`${described.pointer}/schema`, numeric ? Number(value) : value, `${subject}: header ${name}`);
  }

  const content = response.node.content ?? {};
  const type = header('content-type')?.split(';')[0].trim().toLowerCase();
  if (type === undefined && text === '' && (lowerMethod === 'head' || !response.node.content || content['text/plain'])) {
    return;
  }
  assert(type in content, `${subject} has the content type ${type}, documented: ${Object.keys(content).join(', ') || 'none'}`);
  if (lowerMethod === 'head') {
    assert.equal(text, '', `${subject} has a body`);
    return;
  }
  let value = text;
  if (type.endsWith('json')) {
    try {
      value = JSON.parse(text);
    } catch (error) {
      assert.fail(`${subject} is not JSON: ${error.message}: ${text.slice(0, 500)}`);
    }
    assertNoDoubleMembers(text, subject);
  }
  validate(`${response.pointer}/content/${pointerTo(type).slice(1)}/schema`, value, subject);
  if (value.request_id !== undefined) {
    assert.equal(value.request_id, header('x-request-id'), `${subject}: request_id is not that of the X-Request-Id header`);
  }
}
