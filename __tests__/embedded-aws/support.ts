import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from '@jest/globals';
import type { EmbeddedAws, EmbeddedAwsOptions } from '../../embedded-aws/server.ts';
import { startEmbeddedAws } from '../../embedded-aws/server.ts';

export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

/** What every client of a test needs to reach the server, and nothing of the machine's own AWS settings. */
export function clientOptions(url: string, region = 'us-east-1') {
  return { endpoint: url, region, credentials: CREDENTIALS, maxAttempts: 1 };
}

export interface Running {
  readonly aws: EmbeddedAws;
  s3(region?: string): S3Client;
}

/** One server for the tests of a file. */
export function useEmbeddedAws(options: EmbeddedAwsOptions = {}): () => Running {
  let running: Running | undefined;
  const clients: S3Client[] = [];
  beforeAll(async () => {
    const aws = await startEmbeddedAws(options);
    const s3 = (region?: string) => {
      const client = new S3Client(clientOptions(aws.url, region));
      clients.push(client);
      return client;
    };
    running = { aws, s3 };
    await aws.store.createBucket('models', 'us-east-1');
    await aws.store.createBucket('models-eu', 'eu-west-1');
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await running?.aws.close();
  });
  return () => {
    if (running === undefined) throw new Error('The server is not running yet.');
    return running;
  };
}

export interface Refused {
  readonly code: string;
  readonly status: number | undefined;
}

/** How a call of an SDK client was refused; it is an error if it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<Refused> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return { code: name, status: $metadata?.httpStatusCode };
  }
  throw new Error('The call succeeded.');
}

/** A request that no SDK would send: signed in name only, with any headers. */
export async function rawRequest(
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array; region?: string } = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const scope = `AKIDEXAMPLE/20260101/${init.region ?? 'us-east-1'}/s3/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const response = await fetch(url, {
    method: init.method ?? 'GET',
    headers: { authorization, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...init.headers },
    redirect: 'manual',
    ...(init.body === undefined ? {} : { body: init.body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The `Code` of an error document, and its status. */
export function errorOf(response: { status: number; text: string }): Refused {
  return { code: /<Code>(.*?)<\/Code>/.exec(response.text)?.[1] ?? '', status: response.status };
}
