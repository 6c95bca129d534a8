import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from '../../../support/sink-settings.js';

const URL = 'url = "https://example.org/readings"\n';

test('an address alone is enough', async () => {
  assert.deepEqual(await problemsOf('http', URL), []);
});

test('http:// goes to this machine alone, unless it is asked for', async () => {
  assert.deepEqual(await problemsOf('http', 'url = "http://127.0.0.1:8800/a"\n'), []);
  assert.match(
    (await problemsOf('http', 'url = "http://192.168.1.2/a"\n')).join(),
    /^url: http:\/\/ to another host is readable/,
  );
  assert.deepEqual(await problemsOf('http', 'url = "http://192.168.1.2/a"\nallow_plain_http = true\n'), []);
});

test('the form sem needs its key, and goes with no template', async () => {
  assert.deepEqual(await problemsOf('http', `${URL}preset = "sem"\n`, 'api_key = "K"'), []);
  assert.deepEqual(await problemsOf('http', `${URL}preset = "sem"\ntemplate = '{}'\n`), [
    'preset: makes the whole body: expected either it or a template',
    'api_key: is needed with preset = "sem"',
  ]);
  assert.deepEqual(await problemsOf('http', `${URL}production = "straight"\n`, 'api_key = "K"'), [
    'api_key: is of use with preset = "sem" only',
    'production: is of use with preset = "sem" only',
  ]);
});

test('credentials are complete and of one kind', async () => {
  assert.deepEqual(await problemsOf('http', `${URL}username = "u"\n`, 'password = "p"'), []);
  assert.deepEqual(await problemsOf('http', URL, 'password = "p"'), ['username: is needed beside password']);
  assert.deepEqual(await problemsOf('http', `${URL}username = "u"\n`, 'bearer_token = "t"'), [
    'bearer_token: expected either it or username and password',
  ]);
});

test('statuses and headers are those of HTTP', async () => {
  const toml = `${URL}refused_statuses = "200, x"\nhmac_header = "a b"\nheaders.Content-Type = "text/xml"\nheaders.X-A = "a\\nb"\n`;
  assert.deepEqual(await problemsOf('http', toml), [
    'refused_statuses: expected statuses such as 400 422, from 400 to 599',
    'hmac_header: expected the name of a header',
    'headers.Content-Type: is made by this program',
    'headers.X-A: expected what a header can hold: no line breaks, no letters beyond Latin ones',
  ]);
});

test('a token that no header can hold is said, not sent', async () => {
  const problem = 'expected what a header can hold: no line breaks, no letters beyond Latin ones';
  assert.deepEqual(await problemsOf('http', URL, 'bearer_token = "a\\nb"'), [`bearer_token: ${problem}`]);
  assert.deepEqual(await problemsOf('influxdb', 'version = 3\ndatabase = "d"\n', 'token = "a…"'), [`token: ${problem}`]);
});

test('a template is read before anything runs', async () => {
  assert.match(
    (await problemsOf('http', `${URL}template = '{"a":"{nothing}"}'\n`)).join(),
    /^template: \{nothing\} stands for nothing/,
  );
});

test('secrets stand in no settings file', async () => {
  for (const key of ['bearer_token', 'hmac_key', 'secret_headers.X-Key'])
    assert.match((await problemsOf('http', `${URL}${key} = "s3cret"\n`)).join(), /secret/);
});
