import { request as httpRequest } from 'node:http';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { errorOf, rawRequest, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();

describe('a request without credentials', () => {
  test.each([
    ['S3', '/models?list-type=2', {}, undefined, '<Code>AccessDenied</Code>'],
    ['JSON', '/', { 'x-amz-target': 'SageMaker.ListModelPackages' }, '{}', 'MissingAuthenticationTokenException'],
    [
      'STS',
      '/',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'Action=GetCallerIdentity&Version=2011-06-15',
      '<Code>MissingAuthenticationToken</Code>',
    ],
  ])('is refused by %s', async (...[, path, headers, body, text]) => {
    const init = body === undefined ? { headers } : { method: 'POST', headers, body };
    const response = await fetch(running().aws.url + path, init);
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining(text)]);
  });

  test('is refused with another scheme, too', async () => {
    const response = await rawRequest(`${running().aws.url}/models`, { headers: { authorization: 'Bearer token' } });
    expect(errorOf(response)).toEqual({ code: 'AuthorizationHeaderMalformed', status: 400 });
  });
});

describe('a presigned address', () => {
  const presigned = (date: string) =>
    `${running().aws.url}/models/signed?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host&X-Amz-Signature=0` +
    `&X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=${date}&X-Amz-Expires=600`;

  test('is as good as a header, until it expires', async () => {
    await running().aws.store.putBytes('models', 'signed', Buffer.from('text'));
    const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const fresh = await fetch(presigned(now));
    const old = await fetch(presigned('20200101T000000Z'));
    expect([await fresh.text(), old.status]).toEqual(['text', 403]);
  });
});

describe('the bucket', () => {
  test.each([
    ['bucket.localhost', 'models.localhost'],
    ['bucket.s3.region.localhost', 'models.s3.us-east-1.localhost:4566'],
  ])('may be in the host name: %s', async (_, host) => {
    await running().aws.store.putBytes('models', 'hosted', Buffer.from('text'));
    const status = await new Promise((resolve, reject) => {
      const authorization = 'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, Signature=0';
      const sent = httpRequest(`${running().aws.url}/hosted`, { headers: { host, authorization } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });
    expect(status).toBe(200);
  });
});

/** How a client that waits with its body was answered: whether it was told to go on, and the status. */
function waitingPut(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ continued: boolean; status: number }> {
  return new Promise((resolve, reject) => {
    let continued = false;
    const authorization = 'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, Signature=0';
    const options = {
      method: 'PUT',
      headers: { authorization, expect: '100-continue', 'content-length': '4', ...headers },
    };
    const sent = httpRequest(running().aws.url + path, options, (response) => {
      response.resume();
      resolve({ continued, status: response.statusCode ?? 0 });
      sent.destroy();
    });
    sent.on('continue', () => {
      continued = true;
      sent.end('text');
    });
    sent.on('error', (error) => (sent.destroyed ? undefined : reject(error)));
    sent.flushHeaders();
  });
}

describe('a client that waits with its body', () => {
  test('is told to go on', async () => {
    expect(await waitingPut('/models/waited')).toEqual({ continued: true, status: 200 });
  });

  test('is refused before it sends anything', async () => {
    await running().aws.store.putBytes('models', 'there', Buffer.from('x'));
    const refused = [await waitingPut('/nowhere/key'), await waitingPut('/models/there', { 'if-none-match': '*' })];
    expect(refused).toEqual([
      { continued: false, status: 404 },
      { continued: false, status: 412 },
    ]);
  });
});

test('a client that goes away in the middle of its body leaves nothing behind', async () => {
  const authorization = 'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, Signature=0';
  const options = { method: 'PUT', headers: { authorization, 'content-length': '1000' } };
  const before = running().aws.requests().length;
  const sent = httpRequest(`${running().aws.url}/models/half`, options);
  sent.on('error', () => undefined);
  sent.write('half of it');
  while (running().aws.requests().length === before) await new Promise((resolve) => setTimeout(resolve, 5));
  sent.destroy();
  while (running().aws.requests().at(-1)?.endedAtMs === undefined)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(running().aws.store.head('models', 'half')).toBeUndefined();
});

test('what the embedded S3 does not have is not taken for something else', async () => {
  const { url } = running().aws;
  const responses = [
    await rawRequest(`${url}/models?policy`),
    await rawRequest(`${url}/models/key?acl`, { method: 'PUT', body: 'x' }),
    await rawRequest(`${url}/models/key`, { method: 'PATCH' }),
  ];
  expect(responses.map(errorOf)).toEqual([
    { code: 'NotImplemented', status: 501 },
    { code: 'NotImplemented', status: 501 },
    { code: 'MethodNotAllowed', status: 405 },
  ]);
});

test('requests are recorded in the order of their arrival', async () => {
  const before = running().aws.requests().length;
  const eu = running().s3('eu-west-1');
  await eu.send(new ListObjectsV2Command({ Bucket: 'models-eu' }));
  await eu.send(new PutObjectCommand({ Bucket: 'models-eu', Key: 'a/b', Body: 'x' }));
  const recorded = running().aws.requests().slice(before);
  expect(
    recorded.map(({ service, operation, region, bucket, key, httpStatus }) => [
      service,
      operation,
      region,
      bucket,
      key,
      httpStatus,
    ]),
  ).toEqual([
    ['s3', 'ListObjectsV2', 'eu-west-1', 'models-eu', undefined, 200],
    ['s3', 'PutObject', 'eu-west-1', 'models-eu', 'a/b', 200],
  ]);
  expect(recorded.map(({ index }) => index)).toEqual([before + 1, before + 2]);
});
