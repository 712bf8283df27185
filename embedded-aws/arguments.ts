import { parseArgs } from 'node:util';
import type { Answers } from './answers.ts';
import { checkAnswers } from './answers.ts';

export interface ServerArguments {
  readonly port: number;
  readonly stateFolder?: string;
  readonly buckets: readonly { readonly name: string; readonly region: string; readonly ownerId?: string }[];
  readonly answers: Answers;
  readonly faultsPath?: string;
  readonly python?: string;
  readonly accountId?: string;
  readonly loadTimeScale?: number;
  /** End when standard input closes, so that the server never outlives who started it. */
  readonly endsWithStdin: boolean;
  readonly help: boolean;
}

export const USAGE = `Embedded AWS: S3, SageMaker Pipelines, CloudWatch Logs and STS on loopback, for clients with AWS_ENDPOINT_URL.

  --port N              the port on 127.0.0.1 (any free one)
  --state-folder DIR    keep everything there over restarts (a temporary folder, removed at the end)
  --bucket NAME[=REGION[=ACCOUNT]]  make this bucket at start, in us-east-1 or in that region, of this account or
                        of that one; repeatable
  --faults FILE.json    a list of faults: {"service", "operation", "call", "fault", "delayMs", "after"}
  --answer NAME=VALUE   answer in another form than the standard one; README.md has the table; repeatable
  --python PATH         the interpreter for processing jobs (python3)
  --account-id DIGITS   the account that everything belongs to (123456789012)
  --load-time-scale N   phases of load tests last N times shorter (60: a minute is a second)
  --stdin               end when standard input closes
  --help                this text

Prints {"url": ..., "pid": ...} on one line once it listens, and ends on SIGTERM or SIGINT.
`;

const OPTIONS = {
  port: { type: 'string', default: '0' },
  'state-folder': { type: 'string' },
  bucket: { type: 'string', multiple: true },
  faults: { type: 'string' },
  answer: { type: 'string', multiple: true },
  python: { type: 'string' },
  'account-id': { type: 'string' },
  'load-time-scale': { type: 'string' },
  stdin: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws Error that says which argument was found and what was expected */
export function readArguments(args: readonly string[]): ServerArguments {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port is ${values.port}; expected 0 (any) to 65535.`);
  }
  const accountId = values['account-id'];
  if (accountId !== undefined && !/^\d{12}$/.test(accountId)) {
    throw new Error(`--account-id is ${accountId}; expected 12 digits.`);
  }
  const loadTimeScale = values['load-time-scale'] === undefined ? undefined : Number(values['load-time-scale']);
  if (loadTimeScale !== undefined && !(loadTimeScale >= 1)) {
    throw new Error(`--load-time-scale is ${values['load-time-scale']}; expected a number from 1 on.`);
  }
  return {
    port,
    buckets: (values.bucket ?? []).map(readBucket),
    answers: checkAnswers((values.answer ?? []).map(readAnswer)),
    endsWithStdin: values.stdin,
    help: values.help,
    ...(values['state-folder'] === undefined ? {} : { stateFolder: values['state-folder'] }),
    ...(values.faults === undefined ? {} : { faultsPath: values.faults }),
    ...(values.python === undefined ? {} : { python: values.python }),
    ...(loadTimeScale === undefined ? {} : { loadTimeScale }),
    ...(accountId === undefined ? {} : { accountId }),
  };
}

function readBucket(text: string): { name: string; region: string; ownerId?: string } {
  const [name = '', region = 'us-east-1', ownerId] = text.split('=');
  return { name, region, ...(ownerId === undefined ? {} : { ownerId }) };
}

function readAnswer(text: string): readonly [string, string] {
  const [name = '', value = ''] = text.split('=');
  return [name, value];
}
