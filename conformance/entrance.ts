import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type Connection, HOME, openClients } from './clients.ts';
import type { Options } from './options.ts';

/** What must be right before the first question: credentials, and buckets in the regions that they are taken to be in. */

/**
 * @returns the id of the account that will be asked
 * @throws Error that says what is not right
 */
export async function enter({ bucket, regional }: Options, connection: Connection): Promise<string> {
  const clients = openClients(connection, new AbortController().signal);
  const regionOf = async (name: string, region: string): Promise<void> => {
    const found = await clients
      .s3In(region)
      .send(new HeadBucketCommand({ Bucket: name }))
      .then(
        ({ BucketRegion }) => BucketRegion ?? region,
        (error: Error & { $metadata?: { httpStatusCode?: number } }) =>
          `status ${error.$metadata?.httpStatusCode ?? error.message}`,
      );
    if (found !== region) throw new Error(`The bucket ${name} answers ${found}; expected one of yours in ${region}.`);
  };
  try {
    const { Account = '' } = await clients.sts.send(new GetCallerIdentityCommand({}));
    await regionOf(bucket, HOME);
    if (regional !== undefined) await regionOf(regional.bucket, regional.region);
    return Account;
  } finally {
    clients.destroy();
  }
}
