import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { STSClient } from '@aws-sdk/client-sts';
import { explained } from './outcome.ts';

export interface Clients {
  readonly sagemaker: SageMakerClient;
  readonly s3: S3Client;
  readonly logs: CloudWatchLogsClient;
  readonly sts: STSClient;
  /** S3 of another region, for the regional bucket. */
  s3In(region: string): S3Client;
  sagemakerWith(credentials: Credentials): SageMakerClient;
  destroy(): void;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Left out, the SDK's own ways apply: AWS_ENDPOINT_URL and the credential chain. */
export interface Connection {
  readonly endpoint?: string;
  readonly credentials?: Credentials;
}

/** After the signal no call begins any more; one that is under way ends, so that nothing is made unnoticed. */
export function openClients(connection: Connection, signal: AbortSignal): Clients {
  const settings = (region: string) => ({ region, maxAttempts: 6, ...connection });
  const opened: { destroy(): void }[] = [];
  const guarded = <T extends Guardable>(client: T): T => {
    const refuse = (next: (args: object) => Promise<object>) => async (args: object) => {
      signal.throwIfAborted();
      try {
        return await next(args);
      } catch (error) {
        throw explained(error) ?? error;
      }
    };
    // Each client has its own types of middleware; this one touches nothing of them.
    client.middlewareStack.add(refuse as never, { step: 'initialize', name: 'refuseAfterInterruption' });
    opened.push(client);
    return client;
  };
  const byRegion = new Map<string, S3Client>();
  const s3In = (region: string): S3Client => {
    const known = byRegion.get(region) ?? guarded(new S3Client(settings(region)));
    byRegion.set(region, known);
    return known;
  };
  return {
    sagemaker: guarded(new SageMakerClient(settings(HOME))),
    s3: s3In(HOME),
    logs: guarded(new CloudWatchLogsClient(settings(HOME))),
    sts: guarded(new STSClient(settings(HOME))),
    s3In,
    sagemakerWith: (credentials) => guarded(new SageMakerClient({ ...settings(HOME), credentials })),
    destroy: () => {
      for (const client of opened) client.destroy();
    },
  };
}

interface Guardable {
  readonly middlewareStack: { add(middleware: never, options: { step: 'initialize'; name: string }): void };
  destroy(): void;
}

/** Where pipelines live and run (docs/design.md, section 4). */
export const HOME = 'us-east-1';
