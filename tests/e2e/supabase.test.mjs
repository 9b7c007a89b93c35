// The page where people sign in at a Supabase project: a second Parley plays it, whose sign-in is compatible, and once a
// project of the test's own whose tokens live as the test wants.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as reserve } from 'node:net';
import { before, test } from 'node:test';
import { command, eventually, jwtSecret, onEnd, startServer, token } from '../integration/support/server.mjs';
import { customerWrites, deliverTo, onPhone, sendingThrough, startTestSimulator } from '../integration/support/simulator.mjs';
import { addAgent, openInbox, openPage, screenshot, signIn } from './support/browser.mjs';
import { answer, bubbles, openConversation, row, searchBox } from './support/screen.mjs';

const anonKey = 'the-public-key-of-the-project';
const ownSignIn = { SUPABASE_JWT_SECRET: undefined, PARLEY_OWNER_USER_ID: undefined };
let simulator;
let project;
let server;
let projectUser;

/** The project has to know its own address, and who may call it, before it starts. */
async function freePort() {
  const listener = reserve().listen(0, '127.0.0.1');
  await new Promise((done) => listener.once('listening', done));
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  return port;
}

before(async () => {
  simulator = await startTestSimulator();
  const [projectPort, pagePort] = [await freePort(), await freePort()];
  project = await startServer({
    env: {
      ...ownSignIn,
      PORT: projectPort,
      PARLEY_PUBLIC_URL: `http://127.0.0.1:${projectPort}`,
      PARLEY_CORS_ORIGINS: `http://127.0.0.1:${pagePort}`,
      PARLEY_ACCESS_TOKEN_SECONDS: 300,
      WA_PHONE_NUMBER_ID: undefined,
    },
  });
  await addAgent(project, 'ada@example.com', 'owner');
  projectUser = /([0-9a-f-]{36})\s+owner/.exec(await command(project, 'user', 'list'))[1];
  server = await startServer({
    env: {
      PORT: pagePort,
      SUPABASE_URL: project.url,
      SUPABASE_ANON_KEY: anonKey,
      SUPABASE_JWT_SECRET: undefined,
      PARLEY_OWNER_USER_ID: projectUser,
      ...sendingThrough(simulator),
    },
  });
  await deliverTo(simulator, server);
});

const writes = (phone, text) => customerWrites(simulator, phone, text, { name: 'Sam' });

test('the page signs in at the project, loads, is live, renews its token and signs out', async () => {
  const page = await openPage(server, '/', { clock: true });
  const calls = [];
  page.on('response', (response) => calls.push({ url: new URL(response.url()), status: response.status(), headers: response.request().headers() }));
  const callsTo = (origin, path = '') => calls.filter(({ url }) => url.origin === origin && url.pathname.startsWith(path));
  await signIn(page, 'ada@example.com', 'not the password');
  await page.getByText('E-mail or password is wrong.').waitFor();
  await signIn(page);
  await searchBox(page).waitFor();
  const phone = '491800000001';
  await writes(phone, 'to the project');
  await openConversation(page, 'Sam');
  await bubbles(page, 'to the project').waitFor();
  await answer(page, 'from the project');
  await eventually(async () => (await onPhone(simulator, phone)).length === 1);
  assert.equal(calls.filter(({ url }) => url.port === String(server.port) && url.pathname.startsWith('/auth')).length, 0);
  const signedIn = callsTo(project.url, '/auth/v1/token').find(({ status }) => status === 200);
  assert.equal(signedIn.headers.apikey, anonKey);

  await page.clock.fastForward('04:00');
  const said = () => page.sockets.flatMap(({ sent }) => sent.filter(({ type }) => type === 'auth').map((frame) => frame.token));
  await eventually(() => new Set(said()).size === 2);
  await writes(phone, 'after the renewal');
  await bubbles(page, 'after the renewal').waitFor();

  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await eventually(() => callsTo(project.url, '/auth/v1/logout').some(({ status }) => status === 204));
  await eventually(() => page.sockets.every(({ closed }) => closed));
  assert.deepEqual(page.problems.filter((problem) => !/400|status of 4/.test(problem)), []);
});

test('the policy lets the page connect to the project and to its own server, and nowhere else', async () => {
  const page = await openPage(server);
  const policy = (await page.request.get(server.url)).headers()['content-security-policy'];
  assert.match(policy, new RegExp(`connect-src 'self' ${project.url};`));
  const reach = (url) =>
    page.evaluate(async (to) => {
      const refused = new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(`refused: ${violatedDirective}`), { once: true });
      });
      const reached = fetch(to).then(() => 'reached', () => 'failed');
      const first = await Promise.race([refused, reached]);
      const late = new Promise((resolve) => setTimeout(() => resolve('failed'), 2_000));
      return first === 'failed' ? Promise.race([refused, late]) : first;
    }, url);
  assert.equal(await reach(`${project.url}/auth/v1/health`), 'reached');
  assert.equal(await reach(`${server.url}/healthz`), 'reached');
  assert.equal(await reach(`${simulator.url}/`), 'refused: connect-src');
  assert.equal(await reach(`${project.url.replace('127.0.0.1', 'localhost')}/auth/v1/health`), 'refused: connect-src');
});

test('a project that is away: the page says so at the sign-in, and keeps who is signed in', async () => {
  const page = await openInbox(server);
  await page.route(`${project.url}/**`, (route) => route.abort());
  await page.reload();
  await searchBox(page).waitFor();
  await writes('491800000002', 'without the project');
  await row(page, 'without the project').waitFor();
  await page.context().close();
  const stranger = await openPage(server);
  await stranger.route(`${project.url}/**`, (route) => route.abort());
  await signIn(stranger);
  await stranger.getByText('The server cannot be reached.').waitFor();
  await screenshot(stranger, 'failure-project-away');
});

/** A project that signs with the shared secret. Its first token is over sooner than it says, as when a laptop's clock is
 *  slow: the server's warning is all that tells the page. */
async function startHastyProject() {
  const asked = [];
  const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*', 'Content-Type': 'application/json' };
  const issue = (url, lifetime) => {
    const user = { id: projectUser, aud: 'authenticated', email: 'ada@example.com', user_metadata: {}, app_metadata: {} };
    const exp = Math.floor(Date.now() / 1000) + lifetime;
    const claims = { sub: projectUser, iss: `${url}/auth/v1`, exp };
    return { access_token: token(claims, { secret: jwtSecret }), refresh_token: `r${asked.length}`, token_type: 'bearer', expires_in: 3600, user };
  };
  const http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://project');
    response.writeHead(200, headers);
    if (request.method !== 'POST' || pathname !== '/auth/v1/token') return response.end('{"keys":[]}');
    const grant = searchParams.get('grant_type');
    asked.push(grant);
    response.end(JSON.stringify(issue(url, grant === 'password' ? 62 : 3600)));
  }).listen(0, '127.0.0.1');
  await new Promise((done) => http.once('listening', done));
  onEnd(async () => http.closeAllConnections() ?? http.close());
  const url = `http://127.0.0.1:${http.address().port}`;
  return { url, asked };
}

test('a token that is over sooner than the page thinks is renewed when the server warns', async () => {
  const hasty = await startHastyProject();
  const env = { SUPABASE_URL: hasty.url, SUPABASE_ANON_KEY: anonKey, DATABASE_URL: await server.databaseUrl() };
  const page = await openInbox(await startServer({ env }));
  const [socket] = page.sockets;
  await eventually(() => socket.received.some(({ type }) => type === 'auth_expiring'));
  const said = () => socket.sent.filter(({ type }) => type === 'auth').map((frame) => frame.token);
  await eventually(() => said().length === 2);
  assert.deepEqual(hasty.asked, ['password', 'refresh_token']);
  await writes('491800000003', 'after the warning');
  await row(page, 'after the warning').waitFor();
  assert.equal(page.sockets.length, 1);
  assert.equal(said().length, 2);
  assert.notEqual(said()[0], said()[1]);
  assert.equal(socket.received.filter(({ type }) => type === 'auth_expiring').length, 1);
});
