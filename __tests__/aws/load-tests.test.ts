import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAws } from '../../src/aws/sdk/index.ts';
import type { LoadTests } from '../../src/aws/types.ts';

/** An Inference Recommender that gives one answer to everything. */
let answer: { readonly status: number; readonly body: unknown };
let server: Server;
let tests: LoadTests;
const NAMES = ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
const before = NAMES.map((name) => [name, process.env[name]] as const);

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'AKIAEMBEDDED',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  tests = createAws().loadTests('us-east-1');
});
afterAll(async () => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

describe('what a load test has measured', () => {
  const described = async (recommendations: unknown) => {
    answer = { status: 200, body: { Status: 'COMPLETED', InferenceRecommendations: recommendations } };
    return (await tests.describe('bsm-load-test-1'))?.metrics;
  };
  const NOTHING = {
    maxInvocationsPerMinute: undefined,
    modelLatencyMs: undefined,
    costPerHourUsd: undefined,
    costPerInferenceUsd: undefined,
  };

  test('are its four figures', async () => {
    const Metrics = { CostPerHour: 0.115, CostPerInference: 3e-6, MaxInvocations: 600, ModelLatency: 40 };
    expect(await described([{ Metrics }])).toEqual({
      maxInvocationsPerMinute: 600,
      modelLatencyMs: 40,
      costPerHourUsd: 0.115,
      costPerInferenceUsd: 3e-6,
    });
  });

  test.each([
    ['NaN, which stands for what is not available', 'NaN'],
    ['infinite', 'Infinity'],
    ['negative', -1],
    ['null', null],
  ])('is no figure where it is %s', async (_what, value) => {
    const Metrics = { CostPerHour: value, CostPerInference: value, MaxInvocations: value, ModelLatency: value };
    expect(await described([{ Metrics }])).toEqual(NOTHING);
  });

  test.each([
    ['no list', undefined],
    ['null', null],
    ['an empty list', []],
    ['nothing in the list', [null]],
    ['no metrics', [{}]],
    ['null for metrics', [{ Metrics: null }]],
  ])('is nothing where there is %s', async (_what, recommendations) => {
    expect(await described(recommendations)).toBeUndefined();
  });
});

test.each([
  ['ResourceInUse', 'The resource is in use.'],
  ['ResourceInUse', 'An inference recommendations job with the name x already exists.'],
  ['ValidationException', 'Job names must be unique within an AWS account and region.'],
])('a name that is taken is no error, in whatever words: %s: %s', async (type, message) => {
  answer = { status: 400, body: { __type: type, Message: message } };
  const spec = {
    name: 'bsm-load-test-1',
    description: 'a test',
    packageArn: 'arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1',
    roleArn: 'arn:aws:iam::123456789012:role/pipeline',
    instanceType: 'ml.m5.large',
    initialUsers: 1,
    spawnRate: 1,
    durationSeconds: 600,
    jobDurationSeconds: 4200,
    maxInvocationsPerMinute: 132,
    maxLatencyMs: 800,
    kmsKey: undefined,
  };
  expect(await tests.start(spec)).toBe('exists');
});
