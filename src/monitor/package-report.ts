import type { Aws } from '../aws/types.ts';
import { isObject, type JsonObject, parseJsonObject } from '../core/json.ts';
import type { S3Location } from '../core/s3-uri.ts';

/** What the action takes from `package.json` beside the packaged model. */
export interface PackageReport {
  readonly sha256: string;
  readonly sizeBytes: number | undefined;
  /** `spliced` or `recompressed`. */
  readonly way: string | undefined;
  readonly verification: Verification | undefined;
  /** How many links of the archive were packaged as the files that they lead to. */
  readonly replacedLinks?: number | undefined;
}

export interface Verification {
  readonly status: string;
  /** What answered: `server` (the image's model server), `toolkit` or `built-in`. */
  readonly by?: string | undefined;
  readonly python?: string | undefined;
  readonly torch?: string | undefined;
  /** Why it was skipped, or why a higher level was not taken. */
  readonly reason: string | undefined;
  readonly payloads: readonly { readonly file: string; readonly medianMs: number | undefined }[];
  readonly warnings: readonly string[];
}

/** undefined where the packager wrote none (a team's own) or none that can be used. */
export async function readPackageReport(location: S3Location, aws: Aws): Promise<PackageReport | undefined> {
  const stored = await aws.objects.readText(location);
  const report = parseJsonObject(stored?.text ?? '');
  const sha256 = text(report, 'sha256');
  if (report === undefined || sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  const verification = report['verification'];
  return {
    sha256,
    sizeBytes: number(report, 'size_bytes'),
    way: text(report, 'way'),
    replacedLinks: isObject(report['replaced_links']) ? number(report['replaced_links'], 'count') : undefined,
    verification: isObject(verification) ? readVerification(verification) : undefined,
  };
}

function readVerification(value: JsonObject): Verification {
  const payloads = value['payloads'];
  const warnings = value['warnings'];
  return {
    status: text(value, 'status') ?? 'unknown',
    by: text(value, 'by'),
    python: text(value, 'python'),
    torch: text(value, 'torch'),
    reason: text(value, 'reason'),
    payloads: (Array.isArray(payloads) ? payloads : []).filter(isObject).map((payload) => {
      const latency = payload['latency_ms'];
      return { file: text(payload, 'file') ?? '', medianMs: isObject(latency) ? number(latency, 'median') : undefined };
    }),
    warnings: (Array.isArray(warnings) ? warnings : []).filter((warning) => typeof warning === 'string'),
  };
}

function text(value: JsonObject | undefined, key: string): string | undefined {
  const found = value?.[key];
  return typeof found === 'string' ? found : undefined;
}

function number(value: JsonObject, key: string): number | undefined {
  const found = value[key];
  return typeof found === 'number' ? found : undefined;
}

const LEVELS: Readonly<Record<string, string>> = {
  server: "the image's own model server",
  toolkit: 'the serving toolkit, without its server',
  'built-in': "the packager's own reading of the toolkit",
};

/** `passed by the serving toolkit, without its server, Python 3.12, torch 2.6.0 (not by server: why)`. */
export function verificationSentence({ status, by, python, torch, reason }: Verification): string {
  const level = by === undefined ? '' : ` by ${LEVELS[by] ?? by}`;
  const versions = [python && `Python ${python}`, torch && `torch ${torch}`].filter(Boolean).join(', ');
  return `${status}${level}${versions === '' ? '' : `, ${versions}`}${reason === undefined ? '' : ` (${reason})`}`;
}
