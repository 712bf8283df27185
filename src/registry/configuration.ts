import type { Aws } from '../aws/types.ts';
import { isObject, type JsonObject, parseJsonObject } from '../core/json.ts';
import { formatS3Uri, parseS3Uri } from '../core/s3-uri.ts';
import { CONFIGURATION_FILE } from '../plan/documents.ts';

/**
 * What packages were configured with: the document beside their variable schema. undefined where there is none, as of
 * earlier versions of this action.
 */
export async function readConfiguration(schemaUri: string | undefined, aws: Aws): Promise<JsonObject | undefined> {
  const schema = parseS3Uri(schemaUri ?? '');
  if (schema === undefined || !schema.key.endsWith('/variables.json')) return undefined;
  const key = schema.key.replace(/[^/]+$/, CONFIGURATION_FILE);
  const stored = await aws.objects.readText({ bucket: schema.bucket, key });
  const document = parseJsonObject(stored?.text ?? '');
  return isObject(document?.['regions']) ? document : undefined;
}

/** The configuration of one region's package in such a document. */
export function configurationOf(document: JsonObject | undefined, region: string): JsonObject | undefined {
  const regions = document?.['regions'];
  const found = isObject(regions) ? regions[region] : undefined;
  return isObject(found) ? found : undefined;
}

/** The documents of a definition lie in one folder, whose key every expression for one of them begins with. */
export function schemaUri(definition: JsonObject): string | undefined {
  const match = /"(s3:\/\/[^"]+)","documents","([0-9a-f]{64})"/.exec(JSON.stringify(definition));
  const base = parseS3Uri(match?.[1] ?? '');
  if (base === undefined) return undefined;
  return `${formatS3Uri(base).replace(/\/+$/, '')}/documents/${match?.[2]}/variables.json`;
}
