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
}

export interface Verification {
  readonly status: string;
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
    verification: isObject(verification) ? readVerification(verification) : undefined,
  };
}

function readVerification(value: JsonObject): Verification {
  const payloads = value['payloads'];
  const warnings = value['warnings'];
  return {
    status: text(value, 'status') ?? 'unknown',
    reason: text(value, 'reason'),
    payloads: (Array.isArray(payloads) ? payloads : []).filter(isObject).map((payload) => {
      const latency = payload['latency_ms'];
      return { file: text(payload, 'file') ?? '', medianMs: isObject(latency) ? number(latency, 'median') : undefined };
    }),
    warnings: (Array.isArray(warnings) ? warnings : []).map(String),
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
