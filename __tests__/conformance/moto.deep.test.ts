import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { motoServer } from '../moto/moto.ts';
import { ask, BUCKET, BUCKET_EU, CREDENTIALS, findings, optionsFor } from './support.ts';

/** moto's server: of BSM_TOOLS_BIN, else the one of `__tests__/requirements.txt`. */
const SERVER = motoServer() ?? join(dirname(process.env['BSM_TEST_PYTHON'] ?? 'python3'), 'moto_server');
const isThere = existsSync(SERVER);
if (!isThere) console.warn('SKIPPED: moto_server is not installed (BSM_TOOLS_BIN), so there is no other AWS to tell.');
const withMoto = isThere ? describe : describe.skip;

/** Where moto 5.2.5 answers otherwise than AWS (as far as we know): it checks little, and runs nothing. */
const CONTRADICTED = [
  // Definitions are not looked into.
  'null-members',
  'unknown-members',
  'retry-policy-both-limits',
  'definition-size',
  'definition-counts',
  'processing-inputs',
  'processing-environment',
  'model-environment',
  'cache-of-model-steps',
  // No versions, no tokens.
  'version-of-update',
  'describe-version',
  'execution-version',
  'create-pipeline-token',
  'start-token',
  'package-token',
  // Starts and stops are not held against anything.
  'unknown-parameter',
  'selective-source-of-another-pipeline',
  'selective-needs-failed-step',
  // Other words and codes.
  'existing-group',
  'missing-pipeline',
  'missing-execution',
  'missing-package',
  // The registry looks at no limits, and replaces metadata.
  'versioned-package-tags',
  'archive-suffix',
  'metadata-merge',
  'metadata-limits',
  'metadata-characters',
  // Owners of buckets and conditions of copies are not looked at.
  'wrong-owner',
  'copy-with-condition',
];

/** moto lacks an operation or a member that these need, and answers with a page of status 500. */
const FAILED = [
  'list-versions',
  'start-new-pipeline-by-version',
  'status-of-failure',
  'step-without-cache-hit',
  'step-metadata',
  'model-arn-case',
  'group-made-by-step',
  'package-arn',
  'parameter-in-metadata',
  'stop-ended',
  'steps-page',
  'metadata-remove',
  'missing-recommendation',
  'recommendation-of-missing-package',
  'stop-missing-recommendation',
];

jest.setTimeout(300_000);

withMoto('against moto', () => {
  let moto: ChildProcess | undefined;
  let url = '';
  beforeAll(async () => {
    const server = spawn(SERVER, ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    moto = server;
    url = await new Promise<string>((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`moto's server has ended with ${code ?? 'a signal'}.`)));
      createInterface({ input: server.stderr }).on('line', (line) => {
        const found = /Running on (http:\/\/[\d.:]+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    const buckets = [
      ['us-east-1', BUCKET],
      ['eu-west-1', BUCKET_EU],
    ] as const;
    for (const [region, Bucket] of buckets) {
      const s3 = new S3Client({ endpoint: url, region, credentials: CREDENTIALS });
      const elsewhere = { CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } } as const;
      await s3.send(new CreateBucketCommand({ Bucket, ...(region === 'us-east-1' ? {} : elsewhere) }));
      s3.destroy();
    }
  });
  afterAll(() => {
    moto?.kill();
  });

  test('its known differences are found, and nothing else', async () => {
    const found = findings(await ask(url, optionsFor({ allowed: ['regional-bucket'] })));
    const sorted = (ids: readonly string[] = []) => [...ids].sort();
    expect({ contradicted: sorted(found['contradicted']), failed: sorted(found['failed']) }).toEqual({
      contradicted: sorted(CONTRADICTED),
      failed: sorted(FAILED),
    });
  });
});
